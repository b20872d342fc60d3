import type { Query, Term } from './query.ts'
import { type Span, spansOf } from './words.ts'

export type SnippetPart = { text: string; isHit: boolean }

export type Match = {
  /** All terms stand in the title. */
  inTitle: boolean
  /** Terms that are whole words, not only beginnings. */
  whole: number
  title: SnippetPart[]
  /** What stands around the first hits of the body; empty when there is no body. */
  snippet: SnippetPart[]
}

const BEFORE_CHARS = 60
const SNIPPET_CHARS = 220

/** How a text answers a query; null when a term is nowhere in it. */
export const match = (query: Query, title: string, body: string): Match | null => {
  const titleHits = query.terms.map((term) => find(term, title))
  const bodyHits = query.terms.map((term) => find(term, body))
  if (query.terms.some((_, n) => !titleHits[n]?.length && !bodyHits[n]?.length)) return null
  const hits = bodyHits.flat()
  return {
    inTitle: titleHits.every((found) => found.length > 0),
    whole: query.terms.filter(
      ({ words, isWhole }, n) =>
        isWhole ||
        [...(titleHits[n] ?? []), ...(bodyHits[n] ?? [])].some((span) => span.word === words[0]),
    ).length,
    title: mark(title, titleHits.flat(), 0, title.length),
    snippet: snippet(body, hits),
  }
}

/** A text has hits without end; a reader needs a few. */
const HITS_MAX = 20

const find = ({ words, isWhole }: Term, text: string): Span[] => {
  const [first = ''] = words
  const found: Span[] = []
  if (!isWhole) {
    for (const span of spansOf(text)) {
      if (span.word.startsWith(first)) found.push(span)
      if (found.length === HITS_MAX) break
    }
    return found
  }
  let row: Span[] = []
  for (const span of spansOf(text)) {
    if (span.isLast) continue
    row = [...row, span].slice(-words.length)
    if (row.length === words.length && row.every((one, n) => one.word === words[n]))
      found.push({ ...span, from: row[0]?.from ?? span.from })
    if (found.length === HITS_MAX) break
  }
  return found
}

const snippet = (body: string, hits: readonly Span[]): SnippetPart[] => {
  const first = Math.min(...hits.map((one) => one.from), body.length)
  const start = hits.length === 0 ? 0 : Math.max(0, first - BEFORE_CHARS)
  // Not in the middle of a word.
  const from = start === 0 ? 0 : start + Math.max(0, body.slice(start, first).search(/\s/) + 1)
  const to = Math.min(body.length, from + SNIPPET_CHARS)
  const parts = mark(body, hits, from, to)
  if (from > 0) parts.unshift({ text: '…', isHit: false })
  if (to < body.length) parts.push({ text: '…', isHit: false })
  return parts
}

const mark = (text: string, hits: readonly Span[], from: number, to: number): SnippetPart[] => {
  const parts: SnippetPart[] = []
  const add = (until: number, isHit: boolean, at: number) => {
    if (until > at) parts.push({ text: text.slice(at, until).replaceAll(/\s+/g, ' '), isHit })
  }
  let at = from
  for (const hit of [...hits].sort((a, b) => a.from - b.from)) {
    if (hit.from < at || hit.to > to) continue
    add(hit.from, false, at)
    add(hit.to, true, hit.from)
    at = hit.to
  }
  add(to, false, at)
  return parts
}
