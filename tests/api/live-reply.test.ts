import { createLiveReplies, type Piece } from '@mc/api/composer/live-reply.ts'
import { linkText, renderMarkdown } from '@mc/api/frame/markdown.ts'
import t from 'tap'
import fc from '../support/fast-check.ts'

/** What a page shows after these pieces, each in place of those from where it begins on. */
const shown = (pieces: readonly Piece[]): Piece[] => {
  let page: Piece[] = []
  for (const piece of pieces) page = [...page.filter((one) => one.at < piece.at), piece]
  return page
}

const html = (pieces: readonly Piece[]) => pieces.map((piece) => piece.html).join('')

t.test('a half-finished code fence looks as it will when it is finished', async (t) => {
  const live = createLiveReplies()
  live.add('a', 0, 'Look:\n\n')
  const [, code] = live.add('a', 7, '```ts\nconst a') ?? []
  t.match(code?.html, /<span>ts<\/span>.*<code>const a\n?<\/code>/s)
})

t.test('only the block that grows is told again', async (t) => {
  const live = createLiveReplies()
  live.add('a', 0, 'One.\n\nTwo')
  t.same(
    live.add('a', 9, ' and more')?.map(({ at, to }) => [at, to]),
    [[6, 18]],
  )
})

t.test('however a reply is cut into words, the page ends with the whole of it', async (t) => {
  const block = fc.constantFrom(
    'Some **bold** words',
    '```js\nlet a = 1\n\nlet b\n```',
    '- one\n- two',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '# Title',
    'See MC-12',
  )
  const holds = fc.check(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      (blocks, cuts) => {
        const text = blocks.join('\n\n')
        const ends = [...new Set([...cuts.map((cut) => cut % text.length), text.length])].sort(
          (a, b) => a - b,
        )
        const live = createLiveReplies()
        const pieces: Piece[] = []
        let at = 0
        for (const end of ends) {
          pieces.push(...(live.add('a', at, text.slice(at, end)) ?? []))
          at = end
        }
        const page = shown(pieces)
        const isWhole = page.every((piece, n) => piece.at === (page[n - 1]?.to ?? 0))
        return isWhole && page.at(-1)?.to === text.length && html(page) === renderMarkdown(text)
      },
    ),
    { numRuns: 150 },
  )
  t.notOk(holds.failed, JSON.stringify(holds.counterexample))
})

t.test('a very long block is cut, and code goes on as code', async (t) => {
  const live = createLiveReplies()
  const text = `\`\`\`\n${'line of code\n'.repeat(2_000)}`
  const page = shown(live.add('a', 0, text) ?? [])
  t.ok(page.length > 3)
  t.ok(page.every((piece) => piece.html.includes('<code>line of code')))
  t.ok(page.every((piece) => piece.html.length < 8_000))
})

t.test('a page that comes in the middle gets what the others go on from', async (t) => {
  const live = createLiveReplies()
  live.add('a', 0, 'One.\n\nTwo.\n\nThr')
  const page = live.show('a', 'One.\n\nTwo.\n\nThr', 4_000)
  const [next] = live.add('a', 15, 'ee') ?? []
  t.equal(html(page), renderMarkdown('One.\n\nTwo.\n\nThr'))
  t.equal(next?.at, page.at(-1)?.at)
  t.equal(live.add('a', 99, 'x'), null, 'a gap is no news, but a reason to look again')
})

t.test(
  'in a message a ticket and an address are links, but not in code, and nothing runs',
  async (t) => {
    const text = linkText('See MC-12 and https://example.com/?a=1&b=2, not `MC-13` <b>x</b>')
    t.match(text, '<a href="/tickets/MC-12" rel="noopener noreferrer nofollow">MC-12</a>')
    t.match(
      text,
      'href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank"',
    )
    t.match(text, '`MC-13` &lt;b&gt;x&lt;/b&gt;')
  },
)
