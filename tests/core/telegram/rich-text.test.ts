import { type Mark, type Run, toMessages } from '@mc/core/telegram/rich-text.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'
import { isTelegramHtml, wordsOf } from '../../support/telegram-html.ts'

const mark: fc.Arbitrary<Mark> = fc.oneof(
  fc.constantFrom<Mark>('b', 'i', 's', 'u', 'code', 'blockquote'),
  fc.constantFrom<Mark>({ pre: null }, { pre: 'ts' }, { pre: 'a b"><' }),
  fc.constantFrom<Mark>(
    { href: 'https://example.org/?a=1&b="2"' },
    { href: 'javascript:alert(1)' },
    { href: `https://example.org/${'&'.repeat(900)}` },
  ),
)
const words = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('<b>', '&amp;', '</pre>', '&&&&&&&', '\n\n', '\n', '👨‍👩‍👧‍👦', 'é'.repeat(30)),
  fc.string({ unit: 'grapheme', minLength: 200, maxLength: 3_000 }),
)
const run: fc.Arbitrary<Run> = fc.record({
  text: words,
  marks: fc.uniqueArray(mark, { maxLength: 4 }),
})

/** All that is not white space, which Telegram trims at a message's ends. */
const ink = (text: string) => text.replace(/\s+/g, '')

t.test('whatever is said fits, is well-formed, and says it all', async (t) => {
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 12 }),
      fc.integer({ min: 1_300, max: 4_096 }),
      (runs, max) => {
        const messages = toMessages(runs, max)
        for (const html of messages) {
          if (html.length > max) throw new Error(`${html.length} characters, ${max} fit`)
          if (!isTelegramHtml(html)) throw new Error(`not well-formed: ${html}`)
          if (wordsOf(html).trim() === '') throw new Error('an empty message')
        }
        const told = messages.map(wordsOf).join('')
        const given = runs.map(({ text }) => text).join('')
        if (ink(told) !== ink(given)) throw new Error('other words came out')
      },
    ),
    { numRuns: 150 },
  )
  t.pass()
})

t.test('a block of code that is cut is closed and opened again', async (t) => {
  const code = Array.from({ length: 300 }, (_, n) => `line ${n} <of> code`).join('\n')
  const messages = toMessages([
    { text: 'Look:\n', marks: ['b'] },
    { text: code, marks: [{ pre: 'ts' }] },
    { text: '\nThat is all.', marks: [] },
  ])
  t.ok(messages.length > 1)
  t.match(messages[0], /^<b>Look:\n<\/b><pre><code class="language-ts">line 0 &lt;of&gt; code/)
  for (const html of messages.slice(0, -1)) t.match(html, /code\n<\/code><\/pre>$/)
  for (const html of messages.slice(1)) t.match(html, /^<pre><code class="language-ts">line \d+ /)
  t.match(messages.at(-1), /<\/code><\/pre>\nThat is all\.$/)
})

t.test(
  'a cut falls after a paragraph, else a line, else a word, and never in a character',
  async (t) => {
    const paragraphs = toMessages(
      [{ text: `${'a'.repeat(900)}\n\n${'b '.repeat(600)}`, marks: [] }],
      1_500,
    )
    t.equal(paragraphs[0], `${'a'.repeat(900)}\n\n`)
    const family = '👨‍👩‍👧‍👦'
    const [first = ''] = toMessages([{ text: family.repeat(500), marks: ['i'] }], 1_500)
    t.equal(wordsOf(first).length % family.length, 0)
  },
)

t.test('an address that is not of the web is no link', async (t) => {
  t.same(toMessages([{ text: 'click', marks: [{ href: 'tg://user?id=1' }] }]), ['click'])
})
