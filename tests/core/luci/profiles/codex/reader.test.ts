import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCodexReader } from '@mc/core/luci/profiles/codex/reader.ts'
import type { RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

/* Lines as hooks and rollouts of Codex 0.169.0 have them. */

const recorded = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../../fixtures/agents/codex', name))

const PATH = '/home/person/.codex/sessions/rollout.jsonl'
const idle = { type: 'input', input: '', busy: false } as const
const working = { type: 'input', input: '', busy: true } as const
const sight = { rows: [], cursor: { x: 0, y: 0 }, title: 'codex', alternate: true }
const line = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`)

const submitted = (turn_id: string, prompt: string, session_id = 'thread-1') =>
  line({
    ...{ hook_event_name: 'UserPromptSubmit', session_id, turn_id, transcript_path: PATH },
    ...{ cwd: '/home/person', prompt },
  })
const told = (payload: object) => line({ timestamp: 'now', ordinal: 1, type: 'event_msg', payload })
const item = (turn_id: string, type: string, text: string) =>
  told({ type: 'item_completed', turn_id, item: { type, content: [{ type: 'Text', text }] } })
const complete = (turn_id: string, last: string | null, rest: object = {}) =>
  told({ type: 'task_complete', turn_id, last_agent_message: last, ...rest })

/** A reader that has seen an idle screen. */
const reader = (now?: () => number) => {
  const made = createCodexReader(now)
  made.see(idle, sight)
  return made
}
const types = (events: RecordEvent[]) => events.map(({ type }) => type)

t.test('a recorded conversation is told in order, with the exact replies', async (t) => {
  const made = reader()
  const hooks = made.feed(recorded('hooks.jsonl'))
  const [first] = hooks
  t.equal(first?.type, 'conversation')
  const [followed] = made.follows()
  t.match(followed?.path, /rollout-.*\.jsonl$/)
  const events = made.feed(recorded('rollout.jsonl'), followed?.path)
  const ends = events.filter(({ type }) => !['received', 'text'].includes(type))
  t.match(ends, [
    { type: 'answered', turn: 'abc123', reply: 'hello there' },
    { type: 'answered', turn: 's1', reply: /^tick 1\/8\n[\s\S]*tick 8\/8$/ },
    { type: 'interrupted', turn: 'p1', reply: '' },
    { type: 'failed', turn: 'e1', problem: 'The script wants a 400' },
    { type: 'interrupted', turn: 'i1', reply: '' },
    { type: 'interrupted', turn: 'i2', reply: '' },
    { type: 'failed', turn: 'e5', problem: /high demand/ },
  ])
  t.match(
    hooks.filter(({ type }) => type === 'asks'),
    [{ type: 'asks', turn: 'p1', about: { kind: 'permission', command: /^touch / } }],
  )
  t.equal(made.now().ready, true)
})

t.test('any split of the bytes tells the same', async (t) => {
  const whole = Buffer.concat([
    item('a', 'UserMessage', '[mc 1a2b3c] ünï 日本語'),
    item('a', 'AgentMessage', '👩‍👩‍👧 — 日本語'),
    complete('a', '👩‍👩‍👧 — 日本語'),
  ])
  for (const size of [1, 7, 100]) {
    const made = reader()
    made.feed(submitted('a', '[mc 1a2b3c] ünï 日本語'))
    const events: RecordEvent[] = []
    for (let at = 0; at < whole.length; at += size)
      events.push(...made.feed(whole.subarray(at, at + size), PATH))
    t.match(events.at(-1), { type: 'answered', turn: '1a2b3c', reply: '👩‍👩‍👧 — 日本語' })
  }
})

t.test('all blocks of a turn are its reply, joined by an empty line', async (t) => {
  const made = reader()
  made.feed(submitted('a', '[mc 1a2b3c] go'))
  const one = made.feed(item('a', 'AgentMessage', 'First I look.'), PATH)
  t.match(one, [{ type: 'text', turn: '1a2b3c', text: 'First I look.' }])
  t.strictSame(made.feed(item('a', 'AgentMessage', ''), PATH), [], 'an empty one before a call')
  const two = made.feed(item('a', 'AgentMessage', ' Done.\n'), PATH)
  t.match(two, [{ type: 'text', text: '\n\n Done.\n' }])
  const end = made.feed(complete('a', ' Done.\n'), PATH)
  t.match(end, [{ type: 'answered', reply: 'First I look.\n\n Done.\n' }])
})

t.test('she is not ready before her screen shows an idle input', async (t) => {
  const made = createCodexReader()
  t.equal(made.now().ready, false)
  made.see({ type: 'unknown', text: 'loading' }, sight)
  made.see(working, sight)
  t.equal(made.now().ready, false)
  made.see(idle, sight)
  t.equal(made.now().ready, true)
})

t.test('the rollout may tell of a message before the hook does, and of its end too', async (t) => {
  const made = reader()
  made.feed(submitted('a', '[mc aaaaaa] one'))
  made.feed(complete('a', 'x'), PATH)
  made.begin('1a2b3c', '[mc 1a2b3c] go')
  made.entered()
  t.strictSame(types(made.feed(item('b', 'UserMessage', '[mc 1a2b3c] go'), PATH)), ['received'])
  t.equal(made.now().ready, false, 'received and not ended')
  t.strictSame(types(made.feed(complete('b', 'done'), PATH)), ['answered'])
  made.feed(submitted('b', '[mc 1a2b3c] go'))
  t.equal(made.now().ready, true, 'a late hook line does not begin it again')
})

t.test(
  'what a person types in the pane is nobody’s, and she is not ready until it ends',
  async (t) => {
    const made = reader()
    t.strictSame(types(made.feed(submitted('a', 'hello by hand'))), ['conversation'])
    t.equal(made.now().ready, false)
    t.strictSame(made.feed(item('a', 'UserMessage', 'hello by hand'), PATH), [])
    t.strictSame(made.feed(item('a', 'AgentMessage', 'Hello.'), PATH), [])
    t.strictSame(made.feed(complete('a', 'Hello.'), PATH), [])
    t.equal(made.now().ready, true)
  },
)

t.test('a turn that began ends the last, of which only the beginning was read again', async (t) => {
  const made = reader()
  made.feed(submitted('old', '[mc aaaaaa] old'))
  made.begin('1a2b3c', '[mc 1a2b3c] go')
  made.entered()
  made.feed(submitted('new', '[mc 1a2b3c] go'))
  made.feed(complete('new', 'done'), PATH)
  t.equal(made.now().ready, true)
})

t.test('another conversation is told with its name, and its file is followed', async (t) => {
  const made = reader()
  t.match(made.feed(submitted('a', '[mc 1a2b3c] go')), [
    { type: 'conversation', id: 'thread-1' },
    { type: 'received', turn: '1a2b3c' },
  ])
  t.strictSame(types(made.feed(submitted('b', 'more'))), [])
  t.match(made.feed(submitted('c', 'anew', 'thread-2')), [{ type: 'conversation', id: 'thread-2' }])
})

t.test('a reply of another turn is not hers to give', async (t) => {
  const made = reader()
  made.feed(submitted('a', '[mc 1a2b3c] go'))
  t.strictSame(made.feed(item('title', 'AgentMessage', 'A title'), PATH), [])
  t.strictSame(made.feed(complete('title', 'A title'), PATH), [])
  t.equal(made.now().ready, false)
})

t.test(
  'a question says which command it is about, unless it is mc, which our hook allowed',
  async (t) => {
    const made = reader()
    made.feed(submitted('a', '[mc 1a2b3c] go'))
    const asks = {
      ...{ hook_event_name: 'PermissionRequest', session_id: 'thread-1', turn_id: 'a' },
      ...{ cwd: '/home/person', tool_name: 'Bash', tool_input: { command: 'touch x' } },
    }
    t.strictSame(made.feed(line(asks)), [
      {
        type: 'asks',
        turn: '1a2b3c',
        about: { kind: 'permission', command: 'touch x', folder: '/home/person' },
      },
    ])
    t.strictSame(made.feed(line({ ...asks, mc_allowed: true })), [])
  },
)

t.test('an unknown shape is told by the name of its field, and never answered', async (t) => {
  let ms = 0
  const made = reader(() => ms)
  made.begin('1a2b3c', '[mc 1a2b3c] go')
  made.feed(submitted('a', '[mc 1a2b3c] go'))
  made.feed(told({ type: 'item_completed', turn_id: 'a', item: { type: 'AgentMessage' } }), PATH)
  t.match(made.feed(complete('a', 'done'), PATH), [
    {
      type: 'unproved',
      turn: '1a2b3c',
      problem: 'Unknown transcript shape of Codex: item_completed.item.content',
    },
  ])
  made.begin('4d5e6f', '[mc 4d5e6f] go')
  made.feed(submitted('b', '[mc 4d5e6f] go'))
  made.feed(told({ type: 'task_complete', turn_id: 'b' }), PATH)
  t.equal(made.now().ready, false)
  made.see(idle, sight)
  ms += 30_000
  t.match(made.quiet(), [
    { type: 'unproved', turn: '4d5e6f', problem: /task_complete\.last_agent_message$/ },
  ])
  t.equal(made.now().ready, true)
})

t.test('half a line of a crash, and lines of other kinds, are passed over', async (t) => {
  const made = reader()
  made.feed(submitted('a', '[mc 1a2b3c] go'))
  made.feed(Buffer.from('{"timestamp":"now","type":"event_msg","pay\n'), PATH)
  made.feed(line({ timestamp: 'now', type: 'response_item', payload: { role: 'user' } }), PATH)
  made.feed(told({ type: 'token_count', info: null }), PATH)
  t.match(made.feed(complete('a', 'done'), PATH), [{ type: 'answered', reply: 'done' }])
})

t.test('a message that was taken while no hook tells of it ends unproved', async (t) => {
  let ms = 0
  const made = reader(() => ms)
  made.begin('1a2b3c', '[mc 1a2b3c] go')
  made.entered()
  t.equal(made.quietMs(), null, 'it stands in the input still')
  made.see(working, sight)
  t.type(made.quietMs(), 'number')
  t.strictSame(made.quiet(), [], 'not at once')
  ms += 30_000
  t.match(made.quiet(), [{ type: 'unproved', turn: '1a2b3c', problem: /hook/ }])
  t.equal(made.quietMs(), null)
})

t.test('how long she stood idle before a message says nothing of that message', async (t) => {
  let ms = 0
  const made = reader(() => ms)
  ms += 60_000
  made.begin('1a2b3c', '[mc 1a2b3c] go')
  made.entered()
  t.strictSame(types(made.feed(submitted('a', '[mc 1a2b3c] go'))), ['conversation', 'received'])
  t.strictSame(made.quiet(), [], 'she has only just taken it')
  ms += 2_000
  t.match(made.feed(complete('a', 'done'), PATH), [{ type: 'answered', reply: 'done' }])
})
