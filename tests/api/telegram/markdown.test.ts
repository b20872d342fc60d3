import { markdownRuns } from '@mc/api/telegram/markdown.ts'
import { toMessages } from '@mc/core/telegram/rich-text.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'
import { isTelegramHtml } from '../../support/telegram-html.ts'

const html = (text: string) => toMessages(markdownRuns(text)).join('¶')

t.test('a reply looks as it was written, as far as Telegram can', async (t) => {
  const written = [
    '# Done\n\nI moved **three** files, *not* `a<b>`.',
    '- one\n- two\n  1. deep\n\n> said\n\n```ts\nif (a < b) {}\n```',
    '[docs](https://example.org/x?a=1&b=2) and ~~no~~ <script>',
  ].join('\n\n')
  t.equal(
    html(written),
    [
      '<b>Done</b>\n\nI moved <b>three</b> files, <i>not</i> <code>a&lt;b&gt;</code>.',
      '• one\n• two\n   1. deep\n\n<blockquote>said</blockquote>',
      '<pre><code class="language-ts">if (a &lt; b) {}</code></pre>',
      '<a href="https://example.org/x?a=1&amp;b=2">docs</a> and <s>no</s> &lt;script&gt;',
    ].join('\n\n'),
  )
})

t.test('a table stands in columns', async (t) => {
  t.equal(
    html('| task | state |\n|---|---|\n| backup | **ok** |\n| mail | failed |'),
    '<pre>task    state\nbackup  ok\nmail    failed</pre>',
  )
})

t.test('no address but of the web becomes a link, and no picture is fetched', async (t) => {
  t.notMatch(
    html('[a](javascript:alert(1)) [b](tg://user?id=1) ![c](https://evil.example/x)'),
    /<img|href="(?!https:)/,
  )
})

t.test('whatever a model writes comes out well-formed', async (t) => {
  const piece = fc.constantFrom(
    '**',
    '*',
    '_',
    '`',
    '```\n',
    '```js\n',
    '\n',
    '\n\n',
    '- ',
    '1. ',
    '> ',
    '# ',
    '|',
    '|---|---|\n',
    '<b>',
    '</b>',
    '&',
    '[x](',
    ')',
    '~~',
    'word ',
    '![',
    'https://a.example/b ',
    '\u202e',
    '\u0007',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) =>
      toMessages(markdownRuns(pieces.join(''))).every(isTelegramHtml),
    ),
    { numRuns: 300 },
  )
  t.pass()
})
