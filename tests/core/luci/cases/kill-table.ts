import { setTimeout as delay } from 'node:timers/promises'
import { isOpenTurn, type TurnState } from '@mc/core/turns/turn.ts'
import t, { type Test } from 'tap'
import type { Point } from '../../../fixtures/agents/story.ts'
import { until } from '../../../support/until.ts'
import { fixture } from '../desk.ts'
import { type Owner, type OwnerOptions, openOwner } from './owner.ts'

/*
 * Whoever is killed, at whatever state of a turn: the message is not lost (its turn goes on, or ends
 * in a state that says what is known), not doubled (the agent got it at most once), and not falsely
 * answered (what counts as the reply is what the agent itself says that it answered). Behind it
 * another message is queued, in every cell, and is answered, once.
 */
export type Killer = keyof Owner['killers']
const killers: Killer[] = ['api', 'client', 'agent', 'tmux']

type Row = {
  /** Where the agent is held when the kill comes; null: it does not have the message yet. */
  point: Point | null
  /** The command to tmux that is held then. */
  command?: RegExp
  /** How the turn ends when her program lives on, and when it is killed. */
  lives: TurnState
  dies: TurnState[]
}

const rows: Record<string, Row> = {
  'typed, before the paste': {
    point: null,
    command: /^set-buffer /,
    lives: 'unknown',
    dies: ['unknown'],
  },
  'typed, before Enter': {
    point: null,
    command: /^send-keys .*-H 0d$/,
    lives: 'answered',
    dies: ['unknown'],
  },
  'entered, before it is acknowledged': {
    point: 'acknowledging',
    lives: 'answered',
    dies: ['unknown'],
  },
  received: { point: 'received', lives: 'answered', dies: ['failed'] },
  answering: { point: 'answering', lives: 'answered', dies: ['failed'] },
  blocked: { point: 'blocked', lives: 'answered', dies: ['failed'] },
  'interrupted, while it stops': {
    point: 'interrupting',
    lives: 'interrupted',
    dies: ['failed', 'interrupted'],
  },
}

type Kind = {
  luci: OwnerOptions
  /** What goes on at a question; null: it has none. */
  yes: string | null
  /** Only what is seen counts: who looked away while she was busy may not say that she answered. */
  mustBeSeen?: boolean
}

const agent = (name: string, ...args: string[]) => [process.execPath, fixture(name), ...args]

/** By where the reply is read from. */
const kinds = {
  'the house record': { luci: { houseProgram: agent('misbehaves.ts', 'holds') }, yes: null },
  'the stream of a plain program': {
    luci: { profile: 'generic', command: agent('lines.ts'), prompt: 'ask> ' },
    yes: 'enter',
  },
  'the pictures of a full-screen program': {
    luci: { profile: 'generic', command: agent('tui.ts') },
    yes: '1',
    mustBeSeen: true,
  },
  'hooks and transcript': { luci: { profile: 'claude' }, yes: '1' },
} satisfies Record<string, Kind>

/** Time enough where many share two cores, and less than a file has. */
const [DESK_WITHIN_MS, WITHIN_MS] = [280_000, 60_000]
/** Four desks at once, so that looking costs. */
const LOOK_MS = 40
let words = 0

const cell = async (t: Test, owner: Owner, { row, killer, yes, mustBeSeen = false }: Cell) => {
  const word = `w${++words}`
  const alive = killer === 'api' || killer === 'client'
  if (row.command) owner.hold(row.command)
  const first = await owner.send(`hold ${row.point ?? 'nowhere'} ${word}`)
  const behind = await owner.send(`say behind-${word}`)
  await until(`${word} to be held`, () => isHeld(owner, row, first, word), WITHIN_MS)
  t.equal((await owner.turns.get(behind)).state, 'queued')

  await owner.killers[killer]()
  owner.release()
  if (!mustBeSeen) owner.goOn(word)
  if (killer === 'api') await owner.start()
  if (mustBeSeen && alive) await owner.attached()
  owner.goOn(word)

  const turn = await end(owner, first, yes)
  const next = await end(owner, behind, null)
  const unseen: TurnState[] = mustBeSeen ? ['unknown'] : []
  const may = alive ? [row.lives, ...unseen] : row.dies
  t.ok(may.includes(turn.state), `${turn.state} is ${may.join(' or ')} ${turn.problem}`)
  t.ok(['answered', ...unseen].includes(next.state), `and behind it ${next.state}`)

  const story = owner.told()
  const timesOf = (text: string) =>
    story.filter((one) => 'took' in one && one.took.endsWith(text)).length
  t.ok(timesOf(turn.text) <= 1, `it was taken ${timesOf(turn.text)} times`)
  t.equal(timesOf(next.text), 1, 'the one behind it was taken once')
  for (const { state, text, reply } of [turn, next]) {
    const name = text.split(' ').at(-1)
    const done = story.find((one) => 'done' in one && one.done === name)
    if (state === 'answered')
      t.equal(reply.trim(), done && 'done' in done && done.reply.trim(), 'with its own reply')
  }
}
type Cell = Pick<Kind, 'yes' | 'mustBeSeen'> & { row: Row; killer: Killer }

const isHeld = async (owner: Owner, { point, command }: Row, id: string, word: string) => {
  await delay(LOOK_MS)
  if (command) return owner.isHeld()
  const { state, evidence } = await owner.turns.get(id)
  if (point === 'blocked') return state === 'blocked'
  if (point === 'acknowledging' ? evidence.enterAt === undefined : state === 'typed') return false
  if (owner.told().some((one) => 'at' in one && one.word === word && one.at === point)) return true
  // It is told to stop once it has the message, and then held.
  if (point === 'interrupting' && (state === 'received' || state === 'answering'))
    owner.call('interrupt', id).catch(() => {})
  return false
}

/** The turn at its end. What it asks on the way is answered, and nobody waits for the back-off. */
const end = (owner: Owner, id: string, yes: string | null) =>
  until(
    `turn ${id} to end`,
    async () => {
      const { state, prompt, ...turn } = await owner.turns.get(id)
      if (!isOpenTurn(state)) return { state, ...turn }
      await owner.nudge()
      // It may have been asked anew meanwhile.
      if (state === 'blocked' && prompt && yes)
        await owner.call('answer', { turnId: id, promptId: prompt.id, choice: yes }).catch(() => {})
      await delay(LOOK_MS)
      return null
    },
    WITHIN_MS,
  )

/** Some ask nothing, and pictures alone do not tell a reply's beginning from its receipt. */
const isReached = ({ point }: Row, { yes, mustBeSeen }: Pick<Kind, 'yes' | 'mustBeSeen'>) =>
  point === 'blocked' ? yes !== null : point !== 'answering' || !mustBeSeen

/** Every cell of the table, for one way to read a reply; a desk for each that is killed. */
export const tryKills = (kind: keyof typeof kinds, by: readonly Killer[] = killers): void => {
  const { luci, yes, mustBeSeen = false } = kinds[kind] as Kind
  t.jobs = by.length
  for (const killer of by)
    t.test(
      `${kind}: ${killer} is killed`,
      { buffered: true, timeout: DESK_WITHIN_MS },
      async (t) => {
        const owner = await openOwner(t, luci)
        for (const [state, row] of Object.entries(rows))
          if (isReached(row, { yes, mustBeSeen }))
            await t.test(state, (t) => cell(t, owner, { row, killer, yes, mustBeSeen }))
      },
    )
}
