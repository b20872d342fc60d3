import { asRecorded, exactText } from '@mc/core/luci/profiles/gemini/exact-text.ts'
import t from 'tap'

t.test('what the transcript drops is found again in the pieces', async (t) => {
  const pieces = ['\n family 👩\u200d', '👩\u200d👧 <!-- no', 'te --> é\u200e', ' end \n']
  const recorded = asRecorded(pieces.join(''))
  t.equal(recorded, 'family 👩👩👧  é end')
  t.equal(exactText(pieces, recorded), pieces.join(''))
})

t.test('what an attempt that was given up had sent is left out', async (t) => {
  t.equal(exactText(['half an ', 'whole ', 'answer'], 'whole answer'), 'whole answer')
})

t.test('pieces that come to something else are not believed', async (t) => {
  t.equal(exactText(['whole '], 'whole answer'), null)
  t.equal(exactText([], 'whole answer'), null)
})
