import { plainText } from '@mc/core/redaction/plain.ts'
import type { Mark, Run } from '@mc/core/telegram/rich-text.ts'
import MarkdownIt from 'markdown-it'

/** No raw HTML, no pictures; addresses in the text are links. What is a link is decided in rich-text.ts. */
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
markdown.disable('image')

type Token = ReturnType<typeof markdown.parse>[number]

const BULLET = '• '
const RULE = '———'

/** Markdown as Telegram can show it: headings are bold, lists have bullets, tables are columns. */
export const markdownRuns = (text: string): Run[] => {
  const runs: Run[] = []
  const marks: Mark[] = []
  const lists: { next: number | null }[] = []
  let table: string[][] | null = null
  /** What stands before the first text of the next block: a bullet, say. */
  let lead = ''
  let begun = false
  /** A list begins, which stands apart from what is above it. */
  let apart = false
  /** The last block was in a quotation that goes on: the space between its blocks belongs to it. */
  let quoted = false

  const say = (words: string, own: readonly Mark[] = marks) => {
    if (words !== '') runs.push({ text: words, marks: [...own] })
  }
  /** Blocks stand apart, the entries of a list close together. */
  const beginBlock = () => {
    if (begun) say(lists.length === 0 || apart ? '\n\n' : '\n', quoted ? ['blockquote'] : [])
    begun = true
    apart = false
    quoted = marks.includes('blockquote')
    say(lead, quoted ? ['blockquote'] : [])
    lead = ''
  }
  const end = (mark: (one: Mark) => boolean) => {
    const at = marks.findLastIndex(mark)
    if (at >= 0) marks.splice(at, 1)
  }

  const inline = (tokens: readonly Token[]) => {
    for (const token of tokens) {
      switch (token.type) {
        case 'text':
          say(token.content)
          break
        case 'softbreak':
        case 'hardbreak':
          say('\n')
          break
        case 'code_inline':
          say(token.content, [...marks, 'code'])
          break
        case 'strong_open':
          marks.push('b')
          break
        case 'em_open':
          marks.push('i')
          break
        case 's_open':
          marks.push('s')
          break
        case 'link_open':
          marks.push({ href: String(token.attrGet('href') ?? '') })
          break
        case 'strong_close':
          end((one) => one === 'b')
          break
        case 'em_close':
          end((one) => one === 'i')
          break
        case 's_close':
          end((one) => one === 's')
          break
        case 'link_close':
          end((one) => typeof one === 'object' && 'href' in one)
          break
        default:
          say(token.content)
      }
    }
  }

  for (const token of markdown.parse(plainText(text), {})) {
    switch (token.type) {
      case 'heading_open':
        beginBlock()
        marks.push('b')
        break
      case 'heading_close':
        end((one) => one === 'b')
        break
      case 'paragraph_open':
        beginBlock()
        break
      case 'bullet_list_open':
        apart ||= lists.length === 0
        lists.push({ next: null })
        break
      case 'ordered_list_open':
        apart ||= lists.length === 0
        lists.push({ next: Number(token.attrGet('start') ?? 1) })
        break
      case 'bullet_list_close':
      case 'ordered_list_close':
        lists.pop()
        break
      case 'list_item_open': {
        const list = lists.at(-1)
        const bullet = list?.next == null ? BULLET : `${list.next++}. `
        lead = `${lead === '' ? '' : `${lead.trimEnd()} `}${'   '.repeat(lists.length - 1)}${bullet}`
        break
      }
      case 'blockquote_open':
        marks.push('blockquote')
        quoted = false
        break
      case 'blockquote_close':
        end((one) => one === 'blockquote')
        quoted = false
        break
      case 'fence':
      case 'code_block': {
        beginBlock()
        const language = token.info.trim().split(/\s/)[0] ?? ''
        say(token.content.replace(/\n$/, ''), [{ pre: language === '' ? null : language }])
        break
      }
      case 'hr':
        beginBlock()
        say(RULE)
        break
      case 'table_open':
        table = []
        break
      case 'tr_open':
        table?.push([])
        break
      case 'table_close':
        beginBlock()
        say(inColumns(table ?? []), [{ pre: null }])
        table = null
        break
      case 'inline':
        if (table) table.at(-1)?.push(wordsOf(token.children ?? []))
        else inline(token.children ?? [])
        break
      default:
    }
  }
  return runs
}

const wordsOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.type.endsWith('break') ? ' ' : token.content)).join('')

/** As a plain text has a table: columns of one width, while that fits a phone at all. */
const inColumns = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length)
    })
  const isWide = widths.reduce((sum, width) => sum + width, 0) > 60
  return rows
    .map((row) =>
      (isWide
        ? row.join(' | ')
        : row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')
      ).trimEnd(),
    )
    .join('\n')
}
