import { plainText } from '@mc/core/redaction/plain.ts'
import t from 'tap'

t.test('terminal sequences and control characters are gone', async (t) => {
  t.equal(plainText('\u001b[31mred\u001b[0m and \u001b]0;title\u0007text'), 'red and text')
  t.equal(plainText('a\u0000b\u0008c\u007fd\u009b31me'), 'abcde')
  t.equal(plainText('before \u001b]52;c;c3RvbGVu'), 'before ')
  t.equal(plainText('tab\tand\nline'), 'tab\tand\nline')
})

t.test('a carriage return overwrites the line, as on a screen', async (t) => {
  t.equal(plainText('10 %\r50 %\r100 %\ndone\r\n'), '100 %\ndone\n')
})

t.test('text that turns around or cannot be seen is gone', async (t) => {
  t.equal(plainText('a\u202egnp.exe\u2066b\u200bc\u{e0041}'), 'agnp.exebc')
  t.equal(plainText('half \ud83d'), 'half \ufffd')
  t.equal(plainText('日本 😀 äöü'), '日本 😀 äöü')
})

t.test('a joined emoji stays one, and a joiner anywhere else goes', (t) => {
  t.equal(plainText('👩‍👩‍👧 ❤️‍🔥 👩🏽‍🚀'), '👩‍👩‍👧 ❤️‍🔥 👩🏽‍🚀')
  t.equal(plainText('a\u200db 👩\u200dx \u200d👧'), 'ab 👩x 👧')
  t.end()
})
