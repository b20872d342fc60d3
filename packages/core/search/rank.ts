import type { Match, SnippetPart } from './match.ts'
import type { Document } from './sources.ts'
import type { Noun } from './word-tables.ts'

export type Hit = {
  kind: Noun
  id: number
  /** `MC-12`, a turn's name, an item's number. */
  ref: string
  title: SnippetPart[]
  snippet: SnippetPart[]
  state: string
  isOpen: boolean
  at: string
  href: string
  score: number
}

const addresses: Record<Noun, (ref: string) => string> = {
  ticket: (ref) => `/tickets/${ref}`,
  turn: (ref) => `/turns/${ref}`,
  item: (ref) => `/inbox/${ref}`,
}

const MONTH_MS = 30 * 86_400_000
const TITLE_CHARS = 160

/** What is in the title, whole, open and fresh comes first; work before talk before reports. */
export const toHit = (one: Document, found: Match, now: Date): Hit => {
  const age = Math.max(0, now.getTime() - one.at.getTime())
  const score =
    (found.inTitle ? 3 : 0) +
    found.whole +
    (one.noun === 'ticket' ? 1.5 : one.noun === 'turn' ? 0.5 : 0) +
    (one.isOpen ? 0.5 : 0) +
    2 / (1 + age / MONTH_MS)
  return {
    kind: one.noun,
    id: one.id,
    ref: one.ref,
    title: cut(found.title, TITLE_CHARS),
    snippet: found.snippet,
    state: one.state,
    isOpen: one.isOpen,
    at: one.at.toISOString(),
    href: addresses[one.noun](one.ref),
    score: Math.round(score * 1000) / 1000,
  }
}

export const rank = (hits: readonly Hit[]): Hit[] =>
  [...hits].sort((a, b) => b.score - a.score || b.at.localeCompare(a.at) || b.id - a.id)

const cut = (parts: readonly SnippetPart[], chars: number): SnippetPart[] => {
  const kept: SnippetPart[] = []
  let left = chars
  for (const part of parts) {
    if (left <= 0) break
    kept.push(part.text.length <= left ? part : { ...part, text: `${part.text.slice(0, left)}…` })
    left -= part.text.length
  }
  return kept
}
