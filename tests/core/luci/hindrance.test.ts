import { hindrance, isWholeInput, standsInInput } from '@mc/core/luci/hindrance.ts'
import t from 'tap'

const look = (screen: string, more = {}) => ({
  ...{ dead: false, inMode: false, command: 'node', screen },
  ...more,
})
const house = { prompt: '› ', shell: null }
const typed = '[mc 7f3a9c] hello there'

t.test('an empty input may be typed into, also behind the end of a reply', (t) => {
  t.equal(hindrance(look('Hello.\n\n›'), house), null)
  t.equal(hindrance(look('no newline› '), house), null)
  t.equal(hindrance(look('last line\n'), { prompt: '', shell: null }), null)
  t.end()
})

t.test('a dead program, copy mode and a bare shell are in the way', (t) => {
  t.match(hindrance(look('› ', { dead: true }), house), { why: 'dead' })
  t.match(hindrance(look('› ', { inMode: true }), house), { why: 'mode' })
  t.match(hindrance(look('$ ', { command: 'bash' }), house), { why: 'shell', problem: /bash/ })
  const bash = { prompt: '$ ', shell: 'bash' }
  t.equal(hindrance(look('$ ', { command: 'bash' }), bash), null)
  t.match(hindrance(look('$ ', { command: 'sh' }), bash), { why: 'shell' })
  t.end()
})

t.test('a draft is somebody’s, unless it is exactly the text we typed', (t) => {
  const unsent = { turnId: '7f3a9c', typed }
  const whyOf = (screen: string) => hindrance(look(screen), house, unsent)?.why
  t.equal(whyOf(`Hello.\n› ${typed}`), 'unsent')
  t.equal(whyOf(`› ${typed} and a person's words`), 'draft')
  t.equal(whyOf(`› my words ${typed}`), 'draft')
  t.equal(whyOf('› [mc 7f3a9c] hello'), 'draft')
  t.equal(hindrance(look(`› ${typed}`), house)?.why, 'draft')
  t.match(hindrance(look(`› ${typed}`), house, unsent), {
    problem: /Our own text of turn 7f3a9c/,
    hint: /mc luci interrupt/,
  })
  t.end()
})

t.test('a text is found before the cursor however it is wrapped and coloured', (t) => {
  t.ok(standsInInput({ screen: '› [mc 7f3a9c] hello\n  there' }, typed))
  t.ok(standsInInput({ screen: `› ${'x'.repeat(5_000)}` }, 'x'.repeat(9_000)))
  t.notOk(standsInInput({ screen: '› [mc 7f3a9c] hello' }, typed))
  t.notOk(standsInInput({ screen: `› ${typed}\nI see.\n› ` }, typed))
  t.end()
})

t.test('a text longer than the screen is ours when all that is seen is', (t) => {
  const long = Array.from({ length: 300 }, (_, n) => `line ${n}`).join('\n')
  const seen = long.split('\n').slice(-50)
  t.ok(isWholeInput({ screen: seen.join('\n') }, '$ ', long))
  t.notOk(isWholeInput({ screen: ['other', ...seen].join('\n') }, '$ ', long))
  t.ok(isWholeInput({ screen: 'before\n2 + 2' }, '', '2 + 2'))
  t.notOk(isWholeInput({ screen: 'before\n1 + 2 + 2' }, '', '2 + 2'))
  t.end()
})
