import { composeTyped } from '@mc/core/luci/profiles/gemini/compose.ts'
import type { TurnOrigin } from '@mc/core/turns/turn.ts'
import t from 'tap'

const compose = (text: string, origin: TurnOrigin = 'user') =>
  composeTyped({ id: '7f3a9c', origin, text })
const pulled = '[mc 7f3a9c] run: mc turn show 7f3a9c'

t.test('a short message is typed as it is', async (t) => {
  for (const text of [
    'hello',
    '/help',
    '!ls',
    '#note',
    'foo;',
    'a\nb\nc\nd\ne',
    '你好，ünï Привет 한국어',
  ])
    t.equal(compose(text), `[mc 7f3a9c] ${text}`, text)
})

t.test('what would not stand there as typed is pulled', async (t) => {
  const long = 'x'.repeat(500)
  for (const text of [
    '1\n2\n3\n4\n5\n6',
    long,
    'see @file',
    'a@b.example',
    'C:\\\\',
    'שלום',
    '🙂',
    '👩\u200d👧',
    'e\u0301',
  ])
    t.equal(compose(text), pulled, text)
  t.equal(compose('short', 'digest'), pulled)
})
