import MarkdownIt, { type Token } from 'markdown-it'
import { codeBlock } from './code-block.ts'

/**
 * Text of people, programs and models as HTML: no raw HTML, no images (they would phone home), no
 * link but http, https, mailto and our own; `MC-12` becomes a link to its ticket, but not in code.
 */
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('image')

markdown.validateLink = (url) => /^(https?:|mailto:|\/(?![/\\])|#)/i.test(url.trim())

markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false }).add('mc-', {
  validate: (text, position) => /^\d{1,15}(?![\w-])/.exec(text.slice(position))?.[0].length ?? 0,
  normalize: (match) => {
    match.url = `/tickets/${match.raw}`
  },
})

const { rules } = markdown.renderer

rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]
  token?.attrSet('rel', 'noopener noreferrer nofollow')
  // What is elsewhere opens beside the desk, which goes on.
  if (/^https?:/i.test(String(token?.attrGet('href') ?? ''))) token?.attrSet('target', '_blank')
  return self.renderToken(tokens, index, options)
}

rules.fence = (tokens, index) =>
  codeBlock(tokens[index]?.content ?? '', tokens[index]?.info.trim().split(/\s+/)[0] ?? '')
rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? '', '')

// A wide table scrolls by itself, by keyboard too.
rules.table_open = () =>
  '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'
rules.table_close = () => '</table></div>\n'

export const renderMarkdown = (text: string): string => markdown.render(text)

/** Where each block of the text begins, in characters, from 0. */
export const blockStarts = (text: string): number[] => {
  const lines = new Set(
    markdown
      .parse(text, {})
      .filter(isBlockStart)
      .map((token) => token.map?.[0] ?? 0),
  )
  const starts = [0]
  let at = 0
  let line = 0
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    if (end === -1) break
    at = end + 1
    line++
    if (lines.has(line)) starts.push(at)
  }
  return starts
}

const isBlockStart = (token: Token): boolean =>
  token.level === 0 && token.nesting >= 0 && token.map !== null

/**
 * Plain text of a person as HTML, letter by letter as it was typed, but that a ticket's key and a
 * web address outside of backticks are links.
 */
export const linkText = (text: string): string =>
  text
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 1 ? escapeHtml(part) : linkPart(part)))
    .join('')

const linkPart = (text: string): string => {
  let html = ''
  let at = 0
  for (const match of markdown.linkify.match(text) ?? []) {
    if (!markdown.validateLink(match.url)) continue
    const beside = /^https?:/i.test(match.url) ? ' target="_blank"' : ''
    html += `${escapeHtml(text.slice(at, match.index))}<a href="${escapeHtml(match.url)}" rel="noopener noreferrer nofollow"${beside}>${escapeHtml(match.text)}</a>`
    at = match.lastIndex
  }
  return html + escapeHtml(text.slice(at))
}

const escapeHtml = (text: string): string => markdown.utils.escapeHtml(text)
