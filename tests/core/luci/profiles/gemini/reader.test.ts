import type { RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'
import { begun, hooks, type Order, path, replay, transcript } from './replay.ts'

const orders: Order[] = ['as it came', 'at once', 'in small pieces']
const TWENTY = Array.from({ length: 20 }, (_, n) => `line ${n + 1} of 20`).join('\n')

const textOf = (events: readonly RecordEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('')
const typesOf = (events: readonly RecordEvent[]) =>
  events.map(({ type }) => type).filter((type) => type !== 'text' && type !== 'usage')

for (const order of orders)
  t.test(`recorded turns, read ${order}`, async (t) => {
    const plain = replay('aaaaaa', order)
    t.same(typesOf(plain), ['received', 'conversation', 'answered'])
    t.equal(textOf(plain), TWENTY)
    t.match(plain.at(-1), { type: 'answered', turn: 'aaaaaa', reply: TWENTY, problem: null })
    t.match(plain, [{ type: 'received', evidence: /^(hook|transcript):/ }])

    const refused = replay('aaaaab', order)
    t.match(
      refused.find(({ type }) => type === 'asks'),
      {
        about: {
          kind: 'permission',
          command: 'touch perm.txt && echo made',
          folder: '/home/pe/work',
        },
      },
    )
    t.ok(refused.some(({ type }) => type === 'interrupted'))

    const reply = `before\n\nTOOLDONE <untrusted_context>\nOutput: hi\nProcess Group PGID: 913\n</untrusted_context>\nafter`
    const tools = replay('aaaaad', order)
    t.match(tools.at(-1), { type: 'answered', reply, problem: null })
    t.equal(textOf(tools), reply)

    const ticks = Array.from({ length: 8 }, (_, n) => `tick ${n + 1}/20\n`).join('')
    t.ok(replay('aaaaae', order).some((event) => event.type === 'interrupted'))
    if (order !== 'at once')
      t.match(
        replay('aaaaae', order).find(({ type }) => type === 'interrupted'),
        { reply: ticks },
      )
    t.ok(replay('aaaaaf', order).some((event) => event.type === 'interrupted'))

    const asked = replay('aaaab0', order)
    t.match(
      asked.find(({ type }) => type === 'asks'),
      { about: { kind: 'question' } },
    )
    t.match(asked.at(-1), { type: 'answered', reply: 'ASKDONE {"answers":{"0":"Green"}}' })
  })

t.test('readiness is what its own hooks say', async (t) => {
  const reader = begun('aaaaaa')
  t.match(reader.now(), { ready: true })
  t.same(reader.follows(), [{ path, from: 'start' }])
  reader.feed(Buffer.from(`${hooks[1]}\n`), null)
  t.match(reader.now(), { ready: false })
  const after = hooks.find((line) => line.includes('"AfterAgent"'))
  reader.feed(Buffer.from(`${after}\n`), null)
  t.match(reader.now(), { ready: true })
})

t.test('an end without its records is no answer', async (t) => {
  const reader = begun('aaaaaa')
  reader.feed(Buffer.from(`${hooks[1]}\n`), null)
  const after = hooks.find((line) => line.includes('"AfterAgent"'))
  t.notOk(reader.feed(Buffer.from(`${after}\n`), null).some(({ type }) => type === 'answered'))
})

t.test('pieces that do not come to what is recorded leave the record, and say so', async (t) => {
  const reader = begun('aaaaaa')
  const from = transcript.findIndex((line) => line.includes('[mc aaaaaa]'))
  const kept = transcript.slice(from, from + 4).join('\n')
  reader.feed(Buffer.from(`${kept}\n`), path)
  const events = reader.feed(
    Buffer.from(
      `${hooks
        .filter((line) => /Agent"/.test(line))
        .slice(0, 2)
        .join('\n')}\n`,
    ),
    null,
  )
  t.match(events.at(-1), { type: 'answered', reply: TWENTY, problem: /Invisible/ })
})

t.test('a hook that tells something else than it should is not guessed at', async (t) => {
  const reader = begun('aaaaaa')
  reader.feed(Buffer.from(`${hooks[1]}\n`), null)
  const after = JSON.parse(hooks.find((line) => line.includes('"AfterAgent"')) ?? '')
  const { prompt: _gone, ...changed } = after
  t.same(reader.feed(Buffer.from(`${JSON.stringify(changed)}\n`), null), [])
  t.match(reader.now(), { ready: false })
})

t.test('half a line and lines of others are nothing', async (t) => {
  const reader = begun('aaaaaa')
  t.same(reader.feed(Buffer.from('{"hook_event_name":"Befo'), null), [])
  t.same(reader.feed(Buffer.from('\nnot json\n{"hook_event_name":"PreCompress"}\n'), null), [])
  t.same(reader.feed(Buffer.from('{"$rewindTo":"x"}\n{"type":"strange"}\n'), path), [])
  t.match(reader.now(), { ready: true })
})

t.test('a renewed record begins with how things stand', async (t) => {
  const reader = begun('aaaaaa')
  const seed = reader.seed()
  const other = begun('aaaaab')
  t.match(JSON.parse(seed), { hook_event_name: 'SessionStart', transcript_path: path })
  other.feed(Buffer.from(seed), null)
  t.match(other.now(), { ready: true })
})

t.test('old ends of a resumed conversation end nothing', async (t) => {
  const reader = begun('ffffff')
  const before = { ...JSON.parse(hooks[1] ?? ''), prompt: '[mc ffffff] hi' }
  const at = '2026-11-22T13:00:00.000Z'
  const told = reader.feed(Buffer.from(`${JSON.stringify({ ...before, timestamp: at })}\n`), null)
  t.match(told, [{ type: 'received' }])
  const old = reader.feed(Buffer.from(`${transcript.join('\n')}\n`), path)
  t.same(typesOf(old), ['conversation'])
  t.match(reader.now(), { ready: false })
  const cancelled = transcript.find((line) => line.includes('Request cancelled.')) ?? ''
  const now = JSON.stringify({ ...JSON.parse(cancelled), timestamp: '2026-11-22T13:00:01.000Z' })
  t.match(reader.feed(Buffer.from(`${now}\n`), path), [{ type: 'interrupted', turn: 'ffffff' }])
})
