import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Prompt, Turn } from '@mc/core/turns/turn.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { openClaude } from './desk.ts'

/* What the battery does not ask of every program: what is Claude Code's own. */

t.setTimeout(900_000)

type Desk = Awaited<ReturnType<typeof openClaude>>

const blocked = (desk: Desk, id: string): Promise<Prompt> =>
  until(
    'her question',
    async () => {
      const { turn } = await desk.luci.harvest(id)
      return turn.state === 'blocked' ? turn.prompt : null
    },
    60_000,
  )
const send = async (desk: Desk, text: string): Promise<string> =>
  (await desk.luci.send({ origin: 'user', text })).id
const reached = (desk: Desk, id: string, state: Turn['state']) =>
  until(`the turn to be ${state}`, async () => (await desk.stateOf(id)) === state, 60_000)
const answered = (desk: Desk, text: string, reply: string, t: Tap) =>
  desk.ask(text).then((turn) => t.match(turn, { state: 'answered', reply }))
type Tap = { match(found: unknown, pattern: object): unknown }
const brief = readFileSync(join(import.meta.dirname, '../../../ops/luci.md'), 'utf8').trim()
/** A person presses a key a moment after it came to the screen. */
const lookFirst = () => pause(1_000)

t.test('stopped before any output, its text goes no further, whoever pressed Escape', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  const ours = await send(desk, 'SLOW:60000:1')
  await reached(desk, ours, 'received')
  await desk.luci.interrupt(ours)
  t.match(await desk.ended(ours), { state: 'interrupted', reply: '' })
  const next = await desk.ask('ECHO:after')
  t.match(next, { state: 'answered', reply: 'after' })
  t.notMatch(desk.model.about(`[mc ${next.id}]`).at(-1)?.asked?.person, /SLOW/)

  const byHand = await send(desk, 'SLOW:60000:1')
  await reached(desk, byHand, 'received')
  await lookFirst()
  desk.press('-H', '1b')
  t.match(await desk.ended(byHand), { state: 'interrupted', reply: '' })
  const held = await send(desk, 'ECHO:held')
  await until('it to be held', () => /a draft in her input/.test(desk.luci.status().problem ?? ''))
  t.equal(await desk.stateOf(held), 'queued')
  desk.press('-H', '15')
  t.match(await desk.ended(held), { state: 'answered', reply: 'held' })
})

t.test('what is typed by hand while she works is hers alone', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  const ours = await send(desk, 'SLOW:500:8')
  await until('the first tick', () => /tick 1\/8/.test(desk.screen()), 60_000)
  desk.press('-l', '--', 'ECHO:by hand')
  await lookFirst()
  desk.press('-H', '0d')
  const waits = await send(desk, 'ECHO:ours')
  t.match(await desk.ended(ours), { state: 'answered', reply: /^tick 1\/8[\s\S]*tick 8\/8/ })
  t.match(await desk.ended(waits), { state: 'answered', reply: 'ours' })
})

t.test('a cleared conversation is another, and is gone on with after a restart', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  await answered(desk, 'ECHO:one', 'one', t)
  desk.press('-l', '--', '/clear')
  await lookFirst()
  desk.press('-H', '0d')
  await until('two transcripts', () => transcripts(desk).length === 2, 60_000)
  await answered(desk, 'ECHO:two', 'two', t)
  const pid = desk.luci.status().panePid
  process.kill(pid as number, 'SIGKILL')
  await until('another program', () => ![pid, null].includes(desk.luci.status().panePid), 60_000)
  await desk.ready()
  await answered(desk, 'ECHO:three', 'three', t)
  const heard = JSON.stringify(desk.model.about('ECHO:three').at(-1)?.body.messages)
  t.match(heard, /ECHO:two/)
  t.notMatch(heard, /ECHO:one/)
})

t.test('a conversation that is gone is begun anew', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  await answered(desk, 'ECHO:one', 'one', t)
  await desk.luci.switch({ profile: 'house' })
  for (const path of transcripts(desk)) rmSync(path)
  await desk.luci.switch({ profile: 'claude' })
  await until('her to be idle', () => desk.luci.status().state === 'idle', 120_000)
  await answered(desk, 'ECHO:two', 'two', t)
})

t.test('the brief and the tools go to her model, at first and after she was resumed', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  await answered(desk, 'ECHO:one', 'one', t)
  await desk.luci.switch({ profile: 'house' })
  await desk.luci.switch({ profile: 'claude' })
  await desk.ready()
  await answered(desk, 'ECHO:two', 'two', t)
  for (const words of ['ECHO:one', 'ECHO:two'])
    t.ok(desk.model.about(words).at(-1)?.asked?.system.includes(brief), words)
  t.match(JSON.stringify(desk.model.about('ECHO:two').at(-1)?.body.messages), /ECHO:one/)
})

t.test('after a compaction she knows her job, and goes on', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  for (const word of ['one', 'two', 'three']) await answered(desk, `ECHO:${word}`, word, t)
  desk.press('-l', '--', '/compact')
  await lookFirst()
  desk.press('-H', '0d')
  await until('it to be compacted', () => /compact/i.test(lastHook(desk)), 60_000)
  await answered(desk, 'ECHO:four', 'four', t)
  const heard = desk.model.about('ECHO:four').at(-1)
  t.ok(heard?.asked?.system.includes(brief))
  t.notMatch(JSON.stringify(heard?.body.messages), /ECHO:one"/)
})

t.test('questions with several answers are answered one by one', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  const option = (label: string) => ({ label, description: `Takes ${label}` })
  const options = [option('apple'), option('pear')]
  const questions = [
    { question: 'Which fruit?', header: 'Fruit', multiSelect: true, options },
    { question: 'Which one first?', header: 'First', multiSelect: false, options },
  ]
  const id = await send(desk, `MCP:AskUserQuestion:${JSON.stringify({ questions })}`)
  for (const wanted of [/apple/, /pear/, /^(Submit|Next)$/, /pear/, /^Submit answers$/]) {
    const prompt = await blocked(desk, id)
    const choice = prompt.choices.find(({ label }) => wanted.test(label))?.id ?? String(wanted)
    await desk.luci.answer({ turnId: id, promptId: prompt.id, choice })
  }
  t.match(await desk.ended(id), { state: 'answered', reply: /"apple, pear"[\s\S]*"pear"/ })
})

t.test('a file is asked for by its name', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  const path = join(desk.cwd, 'new.txt')
  const id = await send(desk, `MCP:Write:${JSON.stringify({ file_path: path, content: 'x' })}`)
  const prompt = await until('the command', async () => {
    const now = await blocked(desk, id)
    return now.command ? now : null
  })
  t.match(prompt, { kind: 'permission', command: `Write ${path}`, folder: desk.cwd })
  t.equal(existsSync(path), false)
  await desk.luci.answer({ turnId: id, promptId: prompt.id, choice: '1' })
  t.match(await desk.ended(id), { state: 'answered' })
  t.equal(existsSync(path), true)
})

t.test("a person's own ways do not get in ours", async (t) => {
  const ways = [
    { editorMode: 'vim', disableAllHooks: true, showTurnDuration: false, theme: 'light' },
    { tui: 'default', theme: 'dark-ansi' },
    { theme: 'light-ansi', permissions: { defaultMode: 'acceptEdits' } },
  ]
  for (const own of ways) {
    const desk = await openClaude(t, { own })
    await desk.ready()
    await answered(desk, 'ECHO:one', 'one', t)
    const stopped = await send(desk, 'SLOW:500:60')
    await until('a tick', () => /tick 2\/60/.test(desk.screen()), 60_000)
    await desk.luci.interrupt(stopped)
    t.match(await desk.ended(stopped), { state: 'interrupted', reply: /^tick 1/ })
    const asked = await send(desk, 'TOOL:touch made')
    const prompt = await blocked(desk, asked)
    await desk.luci.answer({ turnId: asked, promptId: prompt.id, choice: '1' })
    t.match(await desk.ended(asked), { state: 'answered', reply: /TOOLDONE/ })
    await answered(desk, 'ECHO:two', 'two', t)
    await desk.luci.stop()
  }
})

t.test(
  'a background agent is no part of the reply, and the next message waits for it',
  async (t) => {
    const desk = await openClaude(t)
    await desk.ready()
    const inner = { description: 'inner', prompt: 'SLOW:300:6', subagent_type: 'general-purpose' }
    const turn = await desk.ask(`MCP:Agent:${JSON.stringify(inner)}`)
    t.match(turn, { state: 'answered', reply: /^MCPDONE/ })
    t.notMatch(turn.reply, /tick/)
    await answered(desk, 'ECHO:next', 'next', t)
    await until('the agent to be done', () => desk.model.received.some(isTold), 60_000)
    await answered(desk, 'ECHO:last', 'last', t)
  },
)

t.test('without suggestions of its own, and nothing in the home of its person', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  await answered(desk, 'ECHO:one', 'one', t)
  const settings = readFileSync(join(desk.home, '.claude', 'settings.json'), 'utf8')
  t.notMatch(settings, /hooks|mission-control/)
  t.notMatch(readFileSync(join(desk.home, '.claude.json'), 'utf8'), /agent-token|mission-control"/)
  const line = execFileSync('ps', ['-o', 'args=', '-p', String(desk.luci.status().panePid)])
  t.notMatch(line.toString(), /agent-token/)
})

function transcripts(desk: Desk): string[] {
  const projects = join(desk.home, '.claude', 'projects')
  return readdirSync(projects)
    .flatMap((project) =>
      readdirSync(join(projects, project)).map((name) => join(projects, project, name)),
    )
    .filter((path) => path.endsWith('.jsonl'))
}

function isTold({ body }: { body: unknown }): boolean {
  return /task-notification/.test(JSON.stringify(body))
}

/** The last line of her record that is no note. */
function lastHook(desk: Desk): string {
  const folder = join(desk.dataDir, 'luci')
  const name = readdirSync(folder).find((name) => name.startsWith('record-'))
  return (
    readFileSync(join(folder, name as string), 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  )
}
