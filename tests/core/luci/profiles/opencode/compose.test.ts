import { composeTyped } from '@mc/core/luci/profiles/opencode/compose.ts'
import t from 'tap'

const typed = (text: string, whole: boolean | null = true, origin: 'user' | 'digest' = 'user') =>
  composeTyped({ id: '7f3a9c', origin, text }, whole)
const pulled = '[mc 7f3a9c] run: mc turn show 7f3a9c'

t.test('a short message is typed with its turn', async (t) => {
  t.equal(typed('hello  there'), '[mc 7f3a9c] hello  there')
  t.equal(typed(' two\r\nlines '), '[mc 7f3a9c] two\nlines')
  t.equal(typed('/exit'), '[mc 7f3a9c] /exit')
  t.equal(typed('你好, @someone said so'), '[mc 7f3a9c] 你好, @someone said so')
})

t.test('what would not stand whole in the input is pulled', async (t) => {
  t.equal(typed('x'.repeat(600)), pulled)
  t.equal(typed('a\n'.repeat(8)), pulled)
  t.equal(typed('joined 👨‍👩‍👧'), pulled)
  t.equal(typed('ends with a file @readme'), pulled)
  t.equal(typed('short', true, 'digest'), pulled)
})

t.test('where pastes become summaries, less is typed', async (t) => {
  t.equal(typed('a\nb\nc', false), pulled)
  t.equal(typed('x'.repeat(200), false), pulled)
  t.equal(typed('a\nb', false), '[mc 7f3a9c] a\nb')
})
