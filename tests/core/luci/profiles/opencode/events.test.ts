import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTranslator, type HostEvent } from '@mc/core/luci/profiles/opencode/events.ts'
import { Line } from '@mc/core/luci/profiles/opencode/lines.ts'
import t from 'tap'
import { Value } from 'typebox/value'

const fixture = join(import.meta.dirname, '../../../../fixtures/agents/opencode/events.jsonl')
const recorded = (): HostEvent[] =>
  readFileSync(fixture, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as HostEvent)

const translated = (events: readonly HostEvent[]) => {
  const translate = createTranslator('/home/person/work')
  return events.flatMap((event) => translate(event))
}

t.test('recorded events become the lines that the reader knows', async (t) => {
  const lines = translated(recorded())
  for (const line of lines) t.ok(Value.Check(Line, line), JSON.stringify(line))
  t.same(
    lines.map(({ type }) => type),
    [
      ...['user', 'status', 'assistant', 'status', 'asks', 'done', 'status', 'assistant', 'status'],
      ...['delta', 'delta', 'delta', 'text', 'done', 'status', 'status', 'asks', 'error', 'child'],
    ],
  )
})

t.test('deltas are the text, bit by bit, and the whole comes once', async (t) => {
  const lines = translated(recorded())
  const whole = lines.find((line) => line.type === 'text')
  const bits = lines.map((line) => (line.type === 'delta' ? line.text : '')).join('')
  t.equal(whole?.type === 'text' && whole.text, bits)
  t.match(bits, /^ASKDONE User has answered/)
})

t.test('what is asked is told with its command, and where it runs', async (t) => {
  t.match(
    translated(recorded()).filter(({ type }) => type === 'asks'),
    [
      { kind: 'question', command: null, folder: null },
      {
        kind: 'permission',
        command: 'touch a.txt && mc status > out.txt',
        folder: '/home/person/work',
      },
    ],
  )
})

t.test('a command in a folder of its own is told with that', async (t) => {
  const at = { sessionID: 'ses_a', messageID: 'msg_a' }
  const input = { command: 'make', workdir: '/srv' }
  const part = {
    ...at,
    id: 'prt_a',
    type: 'tool',
    callID: 'call_a',
    state: { status: 'running', input },
  }
  const asked = { sessionID: 'ses_a', metadata: {}, tool: { ...at, callID: 'call_a' } }
  t.match(
    translated([
      { type: 'message.part.updated', properties: { part } },
      { type: 'permission.asked', properties: asked },
    ]),
    [{ type: 'asks', command: 'make', folder: '/srv' }],
  )
})

t.test('thoughts are not said', async (t) => {
  const at = { sessionID: 'ses_a', messageID: 'msg_a' }
  t.same(
    translated([
      {
        type: 'message.part.updated',
        properties: {
          part: { ...at, id: 'prt_a', type: 'reasoning', text: '', time: { start: 1 } },
        },
      },
      {
        type: 'message.part.delta',
        properties: { ...at, partID: 'prt_a', field: 'text', delta: 'hm' },
      },
      {
        type: 'message.part.updated',
        properties: {
          part: { ...at, id: 'prt_a', type: 'reasoning', text: 'hm', time: { start: 1, end: 2 } },
        },
      },
    ]),
    [],
  )
})

/** The fields that we rely on: without one of them a new version must not pass unnoticed. */
const contract: Record<string, string[]> = {
  'session.created': ['info', 'sessionID'],
  'message.updated': [
    'info',
    'info.id',
    'info.role',
    'info.sessionID',
    'info.parentID',
    'info.time',
  ],
  'message.part.updated': [
    ...['part', 'part.type', 'part.id', 'part.messageID', 'part.sessionID', 'part.text'],
    ...['part.callID', 'part.state'],
  ],
  'message.part.delta': ['sessionID', 'messageID', 'partID', 'field', 'delta'],
  'permission.asked': ['sessionID'],
  'question.asked': ['sessionID'],
  'session.status': ['sessionID', 'status', 'status.type'],
}

for (const [type, fields] of Object.entries(contract))
  for (const field of fields)
    t.test(`a ${type} without ${field} is said to be strange`, async (t) => {
      const events = recorded().map((event) =>
        event.type === type ? without(event, field) : event,
      )
      t.match(
        translated(events).find((line) => line.type === 'strange'),
        { event: type, field: `properties.${field}` },
      )
    })

t.test('events that we have no use for, and odd ones, are nothing', async (t) => {
  t.same(translated([{ type: 'toString' }, { type: 'tui.toast.show', properties: {} }]), [])
  t.match(translated([{ type: 'session.status' }]), [{ type: 'strange', field: 'properties' }])
})

const without = (event: HostEvent, field: string): HostEvent => {
  const copy = structuredClone(event)
  const path = field.split('.')
  const last = path.pop() as string
  let at = copy.properties as Record<string, unknown> | undefined
  for (const name of path) at = at?.[name] as Record<string, unknown> | undefined
  if (at) delete at[last]
  return copy
}
