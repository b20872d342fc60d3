import { kept, stepAtEnd, stepFor, takeOff, troubleOf } from '@mc/core/luci/flight.ts'
import { limits } from '@mc/core/luci/limits.ts'
import { actAfterEnter, actAfterPaste } from '@mc/core/luci/typing.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import t from 'tap'

const turn = { id: '7f3a9c', state: 'typed', reply: '', evidence: {} } as unknown as Turn
const flight = (more = {}) => ({ ...takeOff(turn, '[mc 7f3a9c] hi', limits), ...more })
const look = (screen: string, more = {}) => ({ dead: false, inMode: false, screen, ...more })
const ours = look('› [mc 7f3a9c] hi')

t.test('Enter is pressed once the text is seen, and never before', (t) => {
  const of = flight({ lastSignAt: 1_000 })
  t.equal(actAfterPaste(of, ours, 1_100, limits), 'enter')
  t.equal(actAfterPaste(of, look('› '), 1_100, limits), 100)
  t.equal(actAfterPaste(of, look('› '), 10_990, limits), 10)
  t.equal(actAfterPaste(of, look('› '), 11_000, limits), 'give-up')
  t.equal(actAfterPaste({ ...of, shown: '› [mc 7f3a9c] hi' }, look(''), 1_100, limits), 'enter')
  t.equal(actAfterPaste(of, { ...ours, inMode: true }, 1_100, limits), 'leave-mode')
  t.type(actAfterPaste(of, { ...ours, dead: true }, 1_100, limits), 'number')
  t.end()
})

t.test('Enter is repeated only while the text stands in the input', (t) => {
  const of = flight({ phase: 'entered', enteredAt: 1_000 })
  t.equal(actAfterEnter(of, ours, 2_000, limits), 'enter')
  t.type(actAfterEnter(of, look('› '), 2_000, limits), 'number')
  t.equal(actAfterEnter(of, { ...ours, inMode: true }, 2_000, limits), 'leave-mode')
  t.equal(actAfterEnter(of, ours, 31_001, limits), 'give-up')
  t.type(actAfterEnter(of, { ...ours, dead: true }, 31_001, limits), 'number')
  t.end()
})

t.test('what the record says moves the turn, and only news does', (t) => {
  const of = flight({ reply: 'so far' })
  const id = turn.id
  t.match(stepFor(of, { type: 'received', turn: id, evidence: 'record:1' }), { to: 'received' })
  const on = { ...of, turn: { ...turn, state: 'answering' as const } }
  t.equal(stepFor(on, { type: 'received', turn: id, evidence: 'record:1' }), null)
  t.same(stepFor(of, { type: 'text', turn: id, text: 'x' }), { to: 'answering' })
  t.equal(stepFor(on, { type: 'text', turn: id, text: 'x' }), null)
  const answered = { type: 'answered', turn: id, reply: null, evidence: 'record:9' } as const
  t.match(stepFor(on, answered), { to: 'answered', progress: { reply: 'so far' } })
  t.match(stepFor(on, { ...answered, reply: 'exactly' }), { progress: { reply: 'exactly' } })
  t.match(stepFor({ ...on, cut: true }, answered), { progress: { problem: /Cut after 6/ } })
  t.same(stepFor({ ...on, interruptedBy: 'person' }, answered), {
    to: 'interrupted',
    progress: { reply: 'so far' },
  })
  t.match(stepFor({ ...on, interruptedBy: 'deadline' }, answered), {
    progress: { problem: /deadline/ },
  })
  t.end()
})

t.test('the end of a program ends the turn by what was known of it', (t) => {
  const received = { ...turn, state: 'received' as const }
  t.equal(stepAtEnd(turn, 'detached'), null)
  t.equal(stepAtEnd(turn, 'closed'), null)
  t.match(stepAtEnd(received, 'died'), { to: 'failed', progress: { problem: /program ended/ } })
  t.match(stepAtEnd(turn, 'died'), { to: 'unknown' })
  t.match(stepAtEnd(received, 'gone'), { to: 'failed', progress: { problem: /tmux/ } })
  t.match(stepAtEnd(turn, 'stopped'), { to: 'interrupted' })
  t.match(stepAtEnd(received, 'switched'), { to: 'interrupted' })
  t.end()
})

t.test('no more of a reply is kept than the limit', (t) => {
  t.equal(kept({ reply: 'abc' }, 'defg', 5), 'de')
  t.equal(kept({ reply: 'abcdef' }, 'g', 5), '')
  t.end()
})

t.test('long silence is a trouble, and deafness a greater one', (t) => {
  const of = flight({ lastSignAt: 0 })
  t.equal(troubleOf(of, 599_999, limits), null)
  t.match(troubleOf(of, 600_000, limits), { hint: /interrupt/ })
  t.match(troubleOf({ ...of, deaf: true }, 1, limits), {
    problem: /interrupt key/,
    hint: /luci stop.*--force/,
  })
  t.end()
})
