import assert from 'node:assert/strict'
import { isoTime, systemClock } from '@mc/core/clock.ts'
import { createDigests } from '@mc/core/digest/digests.ts'
import { randomHex } from '@mc/core/ids.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Prompt, Turn } from '@mc/core/turns/turn.ts'
import { until } from '../../support/until.ts'
import { markdown } from '../model/markdown.ts'
import { tokensOf } from '../model/protocol.ts'
import { type Desk, openDesk, PATIENCE_MS } from './desk.ts'

/**
 * What one real program must do as Luci. A case throws when it does not, and may return what it
 * measured. `Skip` says plainly why it does not apply.
 */
export type Case = {
  name: string
  /** On a desk of its own, in a folder that the program has never seen. */
  strange?: true
  run(desk: Desk): Promise<string | undefined>
}

export class Skip extends Error {}

const answered = (turn: Turn, reply: string) => {
  assert.equal(turn.state, 'answered', `${turn.state}: ${turn.problem ?? ''} ${turn.reply}`)
  assert.equal(turn.reply, reply)
}

/** Waits for her question in this turn, and says how long it took. */
const asked = async (desk: Desk, id: string): Promise<Prompt> => {
  const { prompt } = await desk.reached(id, ['blocked'])
  assert.ok(prompt, 'a blocked turn has its question')
  assert.ok(prompt.choices.length >= 2, 'it has choices')
  return prompt
}

const choose = (desk: Desk, turnId: string, prompt: Prompt, choice: string) =>
  desk.now().luci.answer({ turnId, promptId: prompt.id, choice })

const choiceOf = (prompt: Prompt, words: RegExp): string => {
  const found = prompt.choices.find(({ id, label }) => id !== 'stop' && words.test(label))
  assert.ok(found, `one of ${prompt.choices.map(({ label }) => label).join(' | ')} is ${words}`)
  return found.id
}

/** Codex asks only when its model says that it needs to. */
const shell = (desk: Desk) => (desk.program === 'codex' ? 'ESCALATE' : 'TOOL')

let serial = 0
const unique = (what: string) => `${what}-${process.pid}-${++serial}`

/** Everything the model was asked since, with the program's own history in it. */
const heardAbout = (desk: Desk, text: string) =>
  JSON.stringify(desk.model.about(text).map(({ body }) => body))

/** A turn that begins a subagent; it is answered, and has the tokens of both once that is done. */
const withSubagent = async (
  desk: Desk,
  around: (work: string) => string,
  prompt: string,
  then: () => Promise<unknown> = async () => {},
): Promise<Turn> => {
  const tool = { claude: 'Agent', opencode: 'task', codex: null, gemini: null }[desk.program]
  if (!tool) throw new Skip('its subagents are not counted')
  const kind = desk.program === 'claude' ? 'general-purpose' : 'general'
  const token = unique('work')
  const call = { description: token, prompt: `${prompt} ${token}`, subagent_type: kind }
  const id = await desk.send(around(`MCP:${tool}:${JSON.stringify(call)}`))
  await then()
  const turn = await desk.ended(id)
  assert.equal(turn.state, 'answered', turn.problem ?? '')
  assert.doesNotMatch(turn.reply, /NOTOOL/)
  const read = (isOne: (person: string) => boolean): number[] =>
    desk.model.received.flatMap(({ asked, answer }) =>
      asked?.tools.length && answer?.type === 'reply' && isOne(asked.person)
        ? [tokensOf(asked.system + asked.person)]
        : [],
    )
  const isOwn = (person: string) => person.includes(`[mc ${id}]`)
  await until(
    'its tokens to be those of its calls, and of the subagent',
    async () => {
      // What it says to the report of one in the background is a prompt of its own.
      const sums = read(isOwn).map((_, n, all) => sumOf(all.slice(0, n + 1)))
      const ofSubagent = sumOf(read((person) => person.includes(token) && !isOwn(person)))
      const { tokensIn } = await desk.turnOf(id)
      return ofSubagent > 0 && sums.includes((tokensIn ?? 0) - ofSubagent)
    },
    PATIENCE_MS,
  )
  return turn
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)

export const cases: readonly Case[] = [
  {
    name: 'ready after start',
    run: async (desk) => {
      const began = performance.now()
      await desk.idle()
      return `${((performance.now() - began) / 1_000).toFixed(1)} s`
    },
  },
  {
    name: 'echo, exact',
    run: async (desk) => {
      const began = performance.now()
      const text = unique('hello')
      answered(await desk.ask(`ECHO:${text}`), text)
      return `${Math.round(performance.now() - began)} ms`
    },
  },
  {
    name: '100 lines, exact',
    run: async (desk) => {
      const lines = Array.from({ length: 100 }, (_, n) => `line ${n + 1} of 100`).join('\n')
      answered(await desk.ask('LINES:100'), lines)
      return undefined
    },
  },
  {
    name: 'Markdown, exact',
    run: async (desk) => {
      answered(await desk.ask('MARKDOWN'), markdown)
      return undefined
    },
  },
  {
    name: 'wide characters',
    run: async (desk) => {
      const text = '你好，世界 — ünï 🙂 한국어'
      answered(await desk.ask(`ECHO:${text}`), text)
      return undefined
    },
  },
  {
    name: 'three lines, tabs, quotes, $()',
    run: async (desk) => {
      const token = unique('three')
      const text = `first "line" $(date)\r\n\tsecond 'line' \`x\` 🙂;\nECHO:${token}`
      answered(await desk.ask(text), token)
      return undefined
    },
  },
  {
    name: '200-line message',
    run: async (desk) => {
      const token = unique('rows')
      const rows = Array.from({ length: 199 }, (_, n) => `row ${n} ${token}`)
      answered(await desk.ask([...rows, `ECHO:${token}`].join('\n')), token)
      const heard = JSON.stringify(desk.model.received.map(({ body }) => body))
      assert.match(heard, new RegExp(`row 198 ${token}`), 'the model got the last row')
      assert.match(heard, new RegExp(`row 0 ${token}`), 'the model got the first row')
      return undefined
    },
  },
  {
    name: 'messages that are keys',
    run: async (desk) => {
      for (const text of ['-x', ';', 'foo;', 'Enter', '/help', '!ls', '@file', '#note'])
        assert.equal((await desk.ask(text)).state, 'answered', text)
      const token = unique('escape')
      answered(await desk.ask(`\u001b[201~\r\u0003\nECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'slow stream',
    run: async (desk) => {
      const before = desk.events.length
      const turn = await desk.ask('SLOW:200:10')
      answered(turn, Array.from({ length: 10 }, (_, n) => `tick ${n + 1}/10`).join('\n'))
      const texts = desk.events
        .slice(before)
        .filter((event) => event.type === 'text' && event.turnId === turn.id)
      return `${texts.length} pieces`
    },
  },
  {
    name: 'permission: asked, 409, allowed',
    run: async (desk) => {
      const file = unique('made')
      const id = await desk.send(`${shell(desk)}:touch ${file}`)
      const prompt = await asked(desk, id)
      const took = performance.now()
      assert.match(`${prompt.command} ${prompt.text}`, new RegExp(`touch ${file}`))
      assert.equal(desk.isMade(file), false, 'nothing ran yet')
      await assert.rejects(choose(desk, id, { ...prompt, id: 'another' }, '1'), {
        code: 'conflict',
      })
      await choose(desk, id, prompt, choiceOf(prompt, /^(1\. )?(Yes|Allow)/))
      const turn = await desk.ended(id)
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      assert.match(turn.reply, /TOOLDONE/)
      assert.equal(desk.isMade(file), true, 'it ran')
      await assert.rejects(choose(desk, id, prompt, '1'), { code: 'conflict' })
      const known = [prompt.command && 'command', prompt.folder && 'folder'].filter(Boolean)
      return `${known.join(', ') || 'text only'}; ${Math.round(performance.now() - took)} ms from answer to end`
    },
  },
  {
    name: 'permission: refused',
    run: async (desk) => {
      const file = unique('refused')
      const id = await desk.send(`${shell(desk)}:touch ${file}`)
      const prompt = await asked(desk, id)
      await choose(desk, id, prompt, choiceOf(prompt, /^(\d\. )?(No|Reject|Deny)/))
      const turn = await desk.ended(id)
      assert.equal(desk.isMade(file), false)
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      return `the turn is ${turn.state}`
    },
  },
  {
    name: 'permission: stopped from the page',
    run: async (desk) => {
      const file = unique('stopped')
      const id = await desk.send(`${shell(desk)}:touch ${file}`)
      const prompt = await asked(desk, id)
      await choose(desk, id, prompt, 'stop')
      assert.equal((await desk.ended(id)).state, 'interrupted')
      assert.equal(desk.isMade(file), false)
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'permission: answered in the pane',
    run: async (desk) => {
      const file = unique('byhand')
      const id = await desk.send(`${shell(desk)}:touch ${file}`)
      await asked(desk, id)
      // Some take no key in a dialog's first moment; a person presses again.
      await until(
        'the key to be taken',
        async () => {
          if ((await desk.turnOf(id)).state !== 'blocked') return true
          desk.tmux('send-keys', '-t', '=luci:', '-H', '0d')
          await new Promise((resolve) => setTimeout(resolve, 1_500))
          return false
        },
        PATIENCE_MS,
      )
      const turn = await desk.ended(id)
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      assert.equal(desk.isMade(file), true)
      return undefined
    },
  },
  {
    name: 'question with options',
    run: async (desk) => {
      const id = await desk.send('ASK:Which colour?|Red|Blue')
      const turn = await until(
        'a question or an end',
        async () => {
          const now = await desk.turnOf(id)
          return now.state === 'blocked' || now.endedAt ? now : null
        },
        PATIENCE_MS,
      )
      if (/NOTOOL/.test(turn.reply)) throw new Skip('it has no tool for questions')
      // Codex; tried with a person's leave for it in codex/first-run.test.ts.
      if (/unavailable in Default mode/.test(turn.reply))
        throw new Skip('its tool for questions is for its Plan mode')
      const prompt = await asked(desk, id)
      assert.match(prompt.text, /Which colour\?/)
      await choose(desk, id, prompt, choiceOf(prompt, /Blue/))
      const end = await desk.ended(id)
      assert.equal(end.state, 'answered', end.problem ?? '')
      assert.match(end.reply, /ASKDONE[\s\S]*Blue/)
      return undefined
    },
  },
  {
    name: 'a subagent works for the turn',
    run: async (desk) => {
      const quick = await withSubagent(desk, (work) => `CHAIN:${work} ;; ECHO:end`, 'ECHO:quick')
      assert.match(quick.reply, /quick[\s\S]*\nend$/, 'the reply holds what it found')
      const slow = await withSubagent(desk, (work) => `CHAIN:${work} ;; ECHO:end`, 'SLOW:300:10')
      assert.match(slow.reply, /tick 10\/10[\s\S]*\nend$/)
      return undefined
    },
  },
  {
    name: 'a subagent in the background',
    run: async ({ program }) => {
      if (program !== 'claude') throw new Skip('only Claude Code reports it by a prompt of its own')
      const env = { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '0' }
      const desk = await openDesk(program, { env })
      try {
        await desk.idle()
        // Its report comes during the turn, with its end, and in the middle of the next one.
        for (const [around, prompt] of [
          [
            (work: string) => `CHAIN:${work} ;; SLOW:300:6 ;; MCP:status:{} ;; ECHO:end`,
            'ECHO:quick',
          ],
          [(work: string) => `CHAIN:${work} ;; SLOW:300:6`, 'ECHO:quick'],
          [(work: string) => work, 'ECHO:quick'],
          [(work: string) => work, 'SLOW:300:10'],
        ] as const) {
          const next = unique('next')
          await withSubagent(desk, around, prompt, () => desk.send(`SLOW:300:12 ${next}`))
          answered(await desk.ask(`ECHO:${next}`), next)
        }
        const states = new Set(
          desk.events.flatMap((event) => (event.type === 'turn' ? [event.turn.state] : [])),
        )
        assert.equal(states.has('lost') || states.has('unknown'), false, [...states].join(', '))
      } finally {
        await desk.close()
      }
      return undefined
    },
  },
  {
    name: 'error of the model',
    run: async (desk) => {
      // Gemini CLI asks again after a 500, without end.
      const status = desk.program === 'gemini' ? 400 : 500
      const turn = await desk.ask(`ERROR:${status} ${unique('fails')}`, 240_000)
      assert.equal(turn.state, 'failed', `${turn.state}: ${turn.reply}`)
      assert.ok(turn.problem)
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      return `${status}: ${turn.problem?.slice(0, 60)}`
    },
  },
  {
    name: 'two queued while busy',
    run: async (desk) => {
      const [a, b] = [unique('a'), unique('b')]
      const ids = [
        await desk.send('SLOW:300:6'),
        await desk.send(`ECHO:${a}`),
        await desk.send(`ECHO:${b}`),
      ]
      const [slow, first, second] = await Promise.all(ids.map((id) => desk.ended(id)))
      assert.match(slow?.reply ?? '', /tick 6\/6$/)
      answered(first as Turn, a)
      answered(second as Turn, b)
      return undefined
    },
  },
  {
    name: 'the same twice',
    run: async (desk) => {
      const token = unique('twice')
      answered(await desk.ask(`ECHO:${token}`), token)
      answered(await desk.ask(`ECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'a reply that looks like a screen',
    run: async (desk) => {
      const lines = [
        '%end 1 2 3',
        '%output %1 x',
        '❯ 1. Yes',
        '  2. No, and tell it what to do',
        'Do you want to proceed?',
        'esc to interrupt',
        '› Ask anything',
      ]
      const turn = await desk.ask(`CHAIN:${lines.map((line) => `ECHO:${line}`).join(' ;; ')}`)
      answered(turn, lines.map((line) => line.trim()).join('\n'))
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'interrupted in mid-stream',
    run: async (desk) => {
      const id = await desk.send('SLOW:300:60')
      await until(
        'the first tick to be on her screen',
        () => /tick 2\/60/.test(desk.screen()),
        PATIENCE_MS,
      )
      await desk.now().luci.interrupt(id)
      assert.equal((await desk.ended(id, 20_000)).state, 'interrupted')
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'interrupted before any output',
    run: async (desk) => {
      const id = await desk.send('SLOW:60000:1')
      await desk.reached(id, ['received', 'answering'])
      await desk.now().luci.interrupt(id)
      assert.equal((await desk.ended(id, 20_000)).state, 'interrupted')
      const token = unique('after')
      answered(await desk.ask(`ECHO:${token}`), token)
      assert.doesNotMatch(
        desk.model.about(token).at(-1)?.asked?.person ?? '',
        /SLOW:60000/,
        'nothing old went with it',
      )
      return undefined
    },
  },
  {
    name: 'a draft in her input is left alone',
    run: async (desk) => {
      await desk.idle()
      desk.tmux('send-keys', '-t', '=luci:', '-l', '--', 'my draft')
      await until('the draft to stand there', () => /my draft/.test(desk.screen()))
      const token = unique('held')
      const id = await desk.send(`ECHO:${token}`)
      await until('it to be held', () => /draft/.test(desk.now().luci.status().problem ?? ''))
      assert.equal((await desk.turnOf(id)).state, 'queued')
      assert.match(desk.screen(), /my draft/)
      for (let n = 0; n < 'my draft'.length; n += 1)
        desk.tmux('send-keys', '-t', '=luci:', '-H', '7f')
      answered(await desk.ended(id), token)
      return undefined
    },
  },
  {
    name: 'typed by hand in the pane',
    run: async (desk) => {
      await desk.idle()
      const [hand, ours] = [unique('hand'), unique('ours')]
      desk.tmux('send-keys', '-t', '=luci:', '-l', '--', `SLOW:300:5 ${hand}`)
      await until('it to stand there', () => desk.screen().includes(hand))
      // A person's pause before Enter: at once, some of them lose it.
      await new Promise((resolve) => setTimeout(resolve, 900))
      desk.tmux('send-keys', '-t', '=luci:', '-H', '0d')
      await until('the model to hear it', () => desk.model.about(hand).length > 0, PATIENCE_MS)
      answered(await desk.ask(`ECHO:${ours}`), ours)
      assert.doesNotMatch(desk.model.about(ours).at(-1)?.asked?.person ?? '', new RegExp(hand))
      return undefined
    },
  },
  {
    name: 'copy mode',
    run: async (desk) => {
      await desk.idle()
      desk.tmux('copy-mode', '-t', '=luci:')
      const token = unique('copy')
      answered(await desk.ask(`ECHO:${token}`), token)
      return undefined
    },
  },
  {
    name: 'mc runs without a prompt, another command asks',
    run: async (desk) => {
      const id = await desk.send('TOOL:mc status')
      const turn = await desk.ended(id)
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      const blocked = desk.events.some(
        (event) => event.type === 'turn' && event.turn.id === id && event.turn.state === 'blocked',
      )
      assert.equal(blocked, false, 'nobody was asked')
      assert.match(turn.reply, /TOOLDONE/)
      return /Workers|"workers"/i.test(turn.reply)
        ? 'it reached the desk'
        : 'ran; its sandbox has no network'
    },
  },
  {
    name: 'MCP tools',
    run: async (desk) => {
      const turn = await desk.ask('MCP:status:{}')
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      assert.match(turn.reply, /MCPDONE[\s\S]*database/)
      return undefined
    },
  },
  {
    name: 'proposes, delegates and asks by tool',
    run: async (desk) => {
      const { db } = desk.now()
      const { key } = await createTickets(db, systemClock).file({ title: 'x' }, { actor: 'person' })
      const steps = [
        { do: 'file', name: 'a', title: 'One', risk: 'low', does: 'person' },
        { do: 'close', name: 'b', ticket: key, status: 'done' },
      ]
      for (const [tool, args, said] of [
        ['propose', { title: 'Two', steps }, /MCPDONE[\s\S]*Proposed to the person as/],
        ['ticket_delegate', { key, review: true }, /MCPDONE[\s\S]*Proposed to the person as/],
        ['ask', { text: 'Which?', options: ['4 TB', '8 TB'] }, /MCPDONE[\s\S]*"state": ?"open"/],
      ] as const) {
        // Its words name their own turn, so that is known before.
        const id = randomHex(3)
        await db.kysely
          .insertInto('turns')
          .values({
            id,
            origin: 'user',
            text: `MCP:${tool}:${JSON.stringify({ turn: id, ...args })}`,
            state: 'queued',
            created_at: isoTime(systemClock.now()),
          })
          .execute()
        const turn = await desk.ended(id)
        assert.equal(turn.state, 'answered', turn.problem ?? '')
        assert.match(turn.reply.replaceAll('\\"', '"'), said)
      }
      return undefined
    },
  },
  {
    name: 'a digest is triaged',
    run: async (desk) => {
      const { db } = desk.now()
      const inbox = createInbox(db, systemClock)
      const digests = createDigests(db, systemClock)
      for (const what of ['alpha', 'beta'])
        await inbox.post({ source: 'backup', sourceId: unique(what), message: `${what} is late` })
      const items = await inbox.claim({ countMax: 50, by: 'battery', leaseMs: 300_000 })
      await digests.join(items, { groupWaitMs: 0, groupIntervalMs: 0 })
      const open = await digests.open()
      const sealed = open && (await digests.seal(open.id, 300_000))
      assert.ok(sealed)
      desk.now().luci.status()
      const turn = await desk.ended(sealed.turn.id)
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      const verdicts = await digests.verdicts(sealed.digest.id)
      assert.equal(verdicts.length, 2, `two verdicts, got ${verdicts.length}: ${turn.reply}`)
      return undefined
    },
  },
  {
    name: 'a verdict under a wrong turn is refused',
    run: async (desk) => {
      const { db } = desk.now()
      const { id } = await createInbox(db, systemClock).post({
        source: 'backup',
        sourceId: unique('foreign'),
        message: 'not yours to judge',
      })
      const verdict = { item: id, action: 'silent', reason: 'because it says so' }
      const call = { turn: 'ffffff', verdicts: [verdict] }
      const turn = await desk.ask(`MCP:inbox_resolve:${JSON.stringify(call)}`)
      assert.equal(turn.state, 'answered', turn.problem ?? '')
      assert.match(turn.reply, /MCPDONE[\s\S]*turn/i)
      const verdicts = await db.kysely.selectFrom('verdicts').selectAll().execute()
      assert.deepEqual(
        verdicts.filter(({ item_id }) => item_id === id),
        [],
      )
      return turn.reply.replace(/\s+/g, ' ').slice(0, 80)
    },
  },
  {
    name: 'the api restarts in mid-turn',
    run: async (desk) => {
      const id = await desk.send('SLOW:400:10')
      await desk.reached(id, ['received', 'answering'])
      await desk.restartApi()
      answered(
        await desk.ended(id),
        Array.from({ length: 10 }, (_, n) => `tick ${n + 1}/10`).join('\n'),
      )
      return undefined
    },
  },
  {
    name: 'it ends while the api is away',
    run: async (desk) => {
      const id = await desk.send('SLOW:200:5')
      await desk.reached(id, ['received', 'answering'])
      await desk.restartApi(() =>
        until('the last tick', () => /tick 5\/5/.test(desk.screen()), PATIENCE_MS).then(() => {}),
      )
      answered(
        await desk.ended(id),
        Array.from({ length: 5 }, (_, n) => `tick ${n + 1}/5`).join('\n'),
      )
      return undefined
    },
  },
  {
    name: 'switched away and back',
    run: async (desk) => {
      const before = unique('before')
      answered(await desk.ask(`ECHO:${before}`), before)
      await desk.now().luci.switch({ profile: 'house' })
      await desk.idle()
      await desk.now().luci.switch({ profile: desk.program })
      await desk.idle()
      const token = unique('back')
      answered(await desk.ask(`ECHO:${token}`), token)
      assert.match(heardAbout(desk, token), new RegExp(before), 'the conversation goes on')
      return undefined
    },
  },
  {
    name: 'killed: restarted and resumed',
    run: async (desk) => {
      const before = unique('before')
      answered(await desk.ask(`ECHO:${before}`), before)
      const { panePid } = desk.now().luci.status()
      assert.ok(panePid)
      process.kill(panePid, 'SIGKILL')
      await until(
        'another process',
        () => {
          const now = desk.now().luci.status()
          return now.panePid !== null && now.panePid !== panePid
        },
        PATIENCE_MS,
      )
      await desk.idle()
      const token = unique('resumed')
      answered(await desk.ask(`ECHO:${token}`), token)
      assert.match(heardAbout(desk, token), new RegExp(before), 'the conversation goes on')
      return undefined
    },
  },
  {
    name: 'after a rest',
    run: async (desk) => {
      for (const seconds of [6, 12]) {
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
        const token = unique('rested')
        answered(await desk.ask(`ECHO:${token}`), token)
      }
      return undefined
    },
  },
  {
    name: '30 sends in a row',
    run: async (desk) => {
      const tokens = Array.from({ length: 30 }, (_, n) => unique(`row${n}`))
      const began = performance.now()
      const ids: string[] = []
      for (const token of tokens) ids.push(await desk.send(`ECHO:${token}`))
      for (const [n, id] of ids.entries())
        answered(await desk.ended(id, 300_000), tokens[n] as string)
      return `${((performance.now() - began) / 30_000).toFixed(2)} s each`
    },
  },
  {
    name: 'first-run questions',
    strange: true,
    run: async (desk) => {
      const questions: string[] = []
      const status = () => desk.now().luci.status()
      for (;;) {
        const asks = await until(
          'a question, or readiness',
          () => {
            const { state, asks } = status()
            return state === 'idle' ? 'ready' : asks
          },
          PATIENCE_MS,
        )
        if (asks === 'ready') break
        assert.ok(asks.choices.length >= 2, `it has choices: ${asks.text}`)
        assert.notEqual(asks.kind, 'unknown', `it is known: ${asks.text}`)
        // Long enough for a program to go on by itself, were it approved by anybody.
        await new Promise((resolve) => setTimeout(resolve, 2_000))
        // What was answered just now may stand there a moment longer.
        if (questions.length > 0 && status().asks?.text !== asks.text) continue
        // Gemini CLI draws it anew once its start is through, and it is another question then.
        const still = await until('it to wait for a person', () =>
          status().asks?.text === asks.text ? status().asks : null,
        )
        const yes = still.choices.find(({ label }) => /^(\d\. )?(yes|trust|allow)/i.test(label))
        assert.ok(yes, `one of ${still.choices.map(({ label }) => label).join(' | ')} is a yes`)
        questions.push(yes.label)
        await desk.now().luci.answer({ turnId: null, promptId: still.id, choice: yes.id })
        assert.ok(questions.length < 8, `it asks without end: ${questions.join('; ')}`)
      }
      if (questions.length === 0) throw new Skip('it asks nothing in a strange folder')
      const token = unique('first')
      answered(await desk.ask(`ECHO:${token}`), token)
      return questions.join('; ')
    },
  },
]
