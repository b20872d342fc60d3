import { match } from '@mc/core/search/match.ts'
import { parseQuery } from '@mc/core/search/query.ts'
import t from 'tap'

const marked = (parts: { text: string; isHit: boolean }[]) =>
  parts.map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join('')

t.test('a snippet shows the first hit with what stands around it, as it was written', async (t) => {
  const body = `${'Nothing to see here. '.repeat(20)}Then the Café closed at noon.${' And on.'.repeat(50)}`
  const found = match(parseQuery('cafe noon'), 'A title', body)
  t.match(marked(found?.snippet ?? []), /^….*Then the \[Café\] closed at \[noon\].*…$/)
  t.ok((found?.snippet ?? []).map((one) => one.text).join('').length < 240)
})

t.test('text stays text: nothing is added to it but the marks', async (t) => {
  const body = '<b>disk</b> & "disk"'
  const found = match(parseQuery('disk'), body, body)
  t.equal(found?.snippet.map((one) => one.text).join(''), body)
  t.equal(marked(found?.title ?? []), '<b>[disk]</b> & "[disk]"')
})

t.test('every term must be in the title or the body', async (t) => {
  t.ok(match(parseQuery('one two'), 'One', 'two'))
  t.equal(match(parseQuery('one three'), 'One', 'two'), null)
})

t.test('a hit is marked where it stands, however its letters fold', async (t) => {
  const title = 'Ünïted “Acme™”: 数据库备份失败了'
  const found = match(parseQuery('united acmetm 备份失败'), title, '')
  t.equal(marked(found?.title ?? []), '[Ünïted] “[Acme™]”: 数据库[备份失败]了')
})
