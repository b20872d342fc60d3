import { renderMarkdown } from '@mc/api/frame/markdown.ts'
import t from 'tap'

t.test('a ticket’s key becomes a link to it', async (t) => {
  t.match(renderMarkdown('See MC-12.'), /<a href="\/tickets\/MC-12"[^>]*>MC-12<\/a>\./)
  t.notMatch(renderMarkdown('`MC-12` and AMC-12x'), /<a /)
})

t.test('HTML, images and script links stay text', async (t) => {
  const html = renderMarkdown(
    '<b>x</b> ![p](http://evil.example/p.png) [j](javascript:alert(1)) [d](data:text/html,x) [s](//evil.example)',
  )
  t.notMatch(html, /<b>|<img|javascript:[^)]*"|href="data|href="\/\//)
  t.match(html, /&lt;b&gt;/)
})

t.test('links to other sites give nothing away', async (t) => {
  t.match(renderMarkdown('https://example.com'), /rel="noopener noreferrer nofollow"/)
})
