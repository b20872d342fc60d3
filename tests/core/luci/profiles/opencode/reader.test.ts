import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Line } from '@mc/core/luci/profiles/opencode/lines.ts'
import { createReader } from '@mc/core/luci/profiles/opencode/reader.ts'
import type { RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

const fixture = join(import.meta.dirname, '../../../../fixtures/agents/opencode/record.jsonl')
const recorded = readFileSync(fixture, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)

const bytes = (...lines: readonly Line[]) =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

/** The lines from the message of this turn to the next message. */
const storyOf = (turn: string): Line[] => {
  const from = recorded.findIndex((line) => line.type === 'user' && line.text.includes(turn))
  const after = recorded.slice(from + 1)
  const next = after.findIndex((line) => line.type === 'user')
  return recorded.slice(from, next < 0 ? undefined : from + 1 + next)
}

const started: Line = { type: 'started', version: 1, whole: true }

const begun = (turn: string) => {
  const reader = createReader()
  reader.feed(bytes(started))
  reader.begin(turn, `[mc ${turn}] it`)
  reader.entered()
  return reader
}

/** What a reader makes of the story, with its lines cut into pieces of so many bytes. */
const told = (turn: string, lines: readonly Line[], pieceBytes = 7): RecordEvent[] => {
  const reader = begun(turn)
  const all = bytes(...lines)
  const events: RecordEvent[] = []
  for (let at = 0; at < all.length; at += pieceBytes)
    events.push(...reader.feed(all.subarray(at, at + pieceBytes)))
  return events
}

const streamed = (events: readonly RecordEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('')

t.test('a recorded turn is received, streamed and answered with the exact text', async (t) => {
  const events = told('85bac7', storyOf('85bac7'))
  t.match(events.slice(0, 2), [
    { type: 'conversation', id: /^ses_/ },
    { type: 'received', turn: '85bac7', evidence: /^record:2 msg_/ },
  ])
  const reply = 'tick 1/4\ntick 2/4\ntick 3/4\ntick 4/4'
  t.equal(events.filter(({ type }) => type === 'text').length, 4)
  t.equal(streamed(events), reply)
  t.match(events.at(-1), { type: 'answered', turn: '85bac7', reply, evidence: /^msg_/ })
})

t.test('what she asks is told with command and folder, and her answer follows', async (t) => {
  t.match(told('598d1c', storyOf('598d1c')).slice(2), [
    {
      type: 'asks',
      turn: '598d1c',
      about: { kind: 'permission', command: 'touch made.txt', folder: '/home/person/work' },
    },
    { type: 'text', text: 'TOOLDONE (no output)' },
    { type: 'answered', reply: 'TOOLDONE (no output)' },
  ])
})

t.test(
  'an interrupted answer ends with what was said, once its last words are there',
  async (t) => {
    const events = told('84afe8', storyOf('84afe8'))
    const reply = 'tick 1/30\ntick 2/30\ntick 3/30\ntick 4/30\n'
    t.same(events.at(-1), { type: 'interrupted', turn: '84afe8', reply })
    t.equal(events.filter(({ type }) => type === 'interrupted').length, 1)
  },
)

t.test('a refused command ends the turn without an answer', async (t) => {
  t.match(told('282b2b', storyOf('282b2b')).at(-1), { type: 'interrupted', reply: '' })
})

t.test('an error of the model’s API is told in its words', async (t) => {
  t.match(told('22ac99', storyOf('22ac99')).at(-1), {
    type: 'failed',
    problem: 'The script wants a 400',
  })
})

t.test('a record read to any of its lines never has an end too early', async (t) => {
  for (const turn of ['85bac7', '598d1c', '84afe8', '282b2b', '22ac99']) {
    const story = storyOf(turn)
    const ends = ['answered', 'interrupted', 'failed', 'unproved']
    const last = story.findLastIndex(
      (line) => line.type === 'done' || (line.type === 'status' && line.status === 'idle'),
    )
    for (let count = 0; count < Math.min(last, story.length - 1); count += 1)
      t.notOk(
        told(turn, story.slice(0, count), 1_000_000).some(({ type }) => ends.includes(type)),
        `${turn}, ${count} lines`,
      )
  }
})

t.test(
  'several blocks are joined by a blank line, and what is shown is what is kept',
  async (t) => {
    const at = { session: 'ses_a', message: 'msg_b' }
    const block = (message: string, part: string, text: string): Line[] => [
      { type: 'delta', session: 'ses_a', message, part, text },
      { type: 'text', session: 'ses_a', message, part, text },
    ]
    const events = told('abc123', [
      { type: 'user', session: 'ses_a', message: 'msg_a', text: '[mc abc123] go', own: false },
      { type: 'status', session: 'ses_a', status: 'busy' },
      { type: 'assistant', ...at, parent: 'msg_a', summary: false },
      ...block('msg_b', 'prt_1', 'First.'),
      { type: 'done', ...at, finish: 'tool-calls', error: null },
      { type: 'assistant', session: 'ses_a', message: 'msg_c', parent: 'msg_a', summary: false },
      ...block('msg_c', 'prt_2', 'Second. '),
      { type: 'done', session: 'ses_a', message: 'msg_c', finish: 'stop', error: null },
      { type: 'status', session: 'ses_a', status: 'idle' },
    ])
    t.match(events.at(-1), { type: 'answered', reply: 'First.\n\nSecond. ' })
    t.equal(streamed(events), 'First.\n\nSecond. ')
  },
)

const said = (
  session: string,
  parent: string,
  message: string,
  text: string,
  summary = false,
): Line[] => [
  { type: 'assistant', session, message, parent, summary },
  { type: 'text', session, message, part: `prt_${message}`, text },
  { type: 'done', session, message, finish: 'stop', error: null },
]
const user = (message: string, text: string, own = false): Line => ({
  type: 'user',
  session: 'ses_a',
  message,
  text,
  own,
})
const working = (status: 'busy' | 'idle', session = 'ses_a'): Line => ({
  type: 'status',
  session,
  status,
})

t.test(
  'a summary of the conversation is no part of the answer, which goes on after it',
  async (t) => {
    const events = told('abc123', [
      user('msg_1', '[mc abc123] go'),
      working('busy'),
      ...said('ses_a', 'msg_1', 'msg_2', 'Before.'),
      user('msg_3', '', true),
      ...said('ses_a', 'msg_3', 'msg_4', 'A summary of it all.', true),
      user('msg_5', 'Continue if you have next steps', true),
      ...said('ses_a', 'msg_5', 'msg_6', 'After.'),
      working('idle'),
    ])
    t.match(events.at(-1), { type: 'answered', reply: 'Before.\n\nAfter.' })
  },
)

t.test('what a subagent says in its own session is no part of the answer', async (t) => {
  const events = told('abc123', [
    user('msg_1', '[mc abc123] go'),
    working('busy'),
    { type: 'child', session: 'ses_child' },
    { type: 'user', session: 'ses_child', message: 'msg_x', text: 'a task', own: false },
    working('busy', 'ses_child'),
    ...said('ses_child', 'msg_x', 'msg_y', 'for her alone'),
    working('idle', 'ses_child'),
    ...said('ses_a', 'msg_1', 'msg_2', 'Mine.'),
    working('idle'),
  ])
  t.match(events.at(-1), { type: 'answered', reply: 'Mine.' })
  t.equal(events.filter(({ type }) => type === 'conversation').length, 1)
})

t.test('a message by hand is nobody’s, and keeps us waiting until it is answered', async (t) => {
  const reader = createReader()
  reader.feed(bytes(started))
  t.equal(reader.now().ready, true)
  t.match(reader.feed(bytes(user('msg_1', 'by hand'), working('busy'))), [{ type: 'conversation' }])
  t.equal(reader.now().ready, false)
  t.same(reader.feed(bytes(...said('ses_a', 'msg_1', 'msg_2', 'For the person.'))), [])
  t.equal(reader.now().ready, false)
  reader.feed(bytes(working('idle')))
  t.equal(reader.now().ready, true)
})

t.test('one that came between, before she was done, makes the turn fail in words', async (t) => {
  const events = told('abc123', [
    user('msg_1', '[mc abc123] go'),
    working('busy'),
    { type: 'assistant', session: 'ses_a', message: 'msg_2', parent: 'msg_1', summary: false },
    user('msg_3', 'and this'),
    { type: 'done', session: 'ses_a', message: 'msg_2', finish: 'tool-calls', error: null },
    ...said('ses_a', 'msg_3', 'msg_4', 'To both.'),
    working('idle'),
  ])
  t.match(events.at(-1), { type: 'failed', problem: /came between/, reply: '' })
})

t.test('the end of the turn before is not the end of this one', async (t) => {
  const reader = begun('abc123')
  t.match(reader.feed(bytes(user('msg_1', '[mc abc123] go'), working('idle'))), [
    { type: 'conversation' },
    { type: 'received' },
  ])
  t.equal(reader.now().ready, false)
})

t.test('another turn’s id in the text, or ours not at its beginning, is no receipt', async (t) => {
  const reader = begun('abc123')
  const heard = [user('msg_1', '[mc abc124] go'), user('msg_2', 'look at [mc abc123] go')]
  t.same(
    reader.feed(bytes(...heard)).filter(({ type }) => type === 'received'),
    [],
  )
})

t.test('an end that the model did not mean is no answer', async (t) => {
  for (const finish of ['length', 'content-filter', 'error', null]) {
    const events = told('abc123', [
      user('msg_1', '[mc abc123] go'),
      working('busy'),
      { type: 'assistant', session: 'ses_a', message: 'msg_2', parent: 'msg_1', summary: false },
      { type: 'text', session: 'ses_a', message: 'msg_2', part: 'prt_1', text: 'half of' },
      { type: 'done', session: 'ses_a', message: 'msg_2', finish, error: null },
      working('idle'),
    ])
    t.match(events.at(-1), { type: 'failed', reply: 'half of' }, String(finish))
  }
})

t.test('a shape that is not known any more is said with the field’s name', async (t) => {
  const events = told('abc123', [
    user('msg_1', '[mc abc123] go'),
    working('busy'),
    { type: 'strange', event: 'message.part.delta', field: 'properties.delta' },
  ])
  t.match(events.at(-1), {
    type: 'unproved',
    problem: /Unknown record shape.*message\.part\.delta.*properties\.delta/,
  })
})

t.test('where the record ends in the middle, silence ends the turn as unproved', async (t) => {
  const reader = begun('abc123')
  reader.feed(bytes(user('msg_1', '[mc abc123] go')))
  t.ok((reader.quietMs() ?? 0) >= 10_000, 'it may take its time to begin')
  reader.feed(bytes(working('busy')))
  t.equal(reader.quietMs(), null, 'it may think for as long as it likes')
  t.same(reader.quiet(), [], 'and when it dies, that is told elsewhere')
  reader.feed(
    bytes(
      { type: 'assistant', session: 'ses_a', message: 'msg_2', parent: 'msg_1', summary: false },
      working('idle'),
    ),
  )
  t.ok(reader.quietMs())
  t.match(reader.quiet(), [{ type: 'unproved', turn: 'abc123' }])
  t.equal(reader.now().ready, true)
})

t.test('lines that are none of ours are skipped', async (t) => {
  const reader = createReader()
  const noise = [
    'half a line"}',
    '{"type":"user"}',
    '[]',
    '{"type":"answered","turn":"abc123"}',
    '',
  ]
  t.same(reader.feed(Buffer.from(`${noise.join('\n')}\n`)), [])
  t.equal(reader.now().ready, false)
  reader.feed(bytes({ ...started, version: 2 }))
  t.equal(reader.now().ready, false, 'a record of another version is not read')
})

t.test('a record that was begun anew tells that she waits', async (t) => {
  const reader = createReader()
  t.equal(reader.seed(), '')
  reader.feed(bytes({ ...started, whole: false }))
  const next = createReader()
  next.feed(Buffer.from(reader.seed()))
  t.match(next.now(), { ready: true, bracketed: false })
})
