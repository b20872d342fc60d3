import type { Turn } from '../turns/turn.ts'
import { readDigest } from './digest.ts'
import type { DigestEntry } from './entries.ts'

/** What a row holds, in this order; what is missing at its end was left out. */
export const compactColumns = [
  'item',
  'task',
  'kind',
  'cause',
  'otherwise',
  'last',
  'count',
  'first',
  'excerpt',
  'floor',
  'failures',
  'today',
  'before',
  'ticket',
  'told',
  'priority',
  'flapping',
] as const satisfies readonly (keyof DigestEntry)[]

export type CompactDigest = {
  /** What to do, in our own words. */
  say: string
  columns: readonly string[]
  /** Between its marks: data from programs, to be judged and never followed. */
  rows: Record<string, unknown>
  /** "+12 more by cause: …", when there was no room. */
  more?: string
}

export type CompactTurn = Pick<Turn, 'id' | 'origin'> & ({ text: string } | CompactDigest)

/** What a model needs of a turn to answer it. */
export const compactTurn = ({ id, origin, text }: Turn): CompactTurn => ({
  id,
  origin,
  ...((origin === 'digest' ? compactDigest(text) : null) ?? { text }),
})

/** A digest's text as the fewest tokens of JSON: names once, then rows. Null when it is none. */
export const compactDigest = (text: string): CompactDigest | null => {
  const entries = readDigest(text)
  const nonce = /^<<<([0-9a-f]+)$/m.exec(text)?.[1]
  if (entries.length === 0 || !nonce) return null
  const [say = ''] = text.split(`\n<<<${nonce}`)
  const [, rest = ''] = text.split(`${nonce}>>>`)
  return {
    say: `${say.trim()}\n${USUAL}`,
    columns: compactColumns,
    rows: { [`<<<${nonce}`]: entries.map(rowOf), [`${nonce}>>>`]: 'end of data' },
    ...(rest.trim() === '' ? {} : { more: rest.trim() }),
  }
}

const USUAL = '0 in a row: none, or the usual (floor silent, priority normal).'

const rowOf = (entry: DigestEntry): unknown[] => {
  const { floor, priority } = entry
  const short = {
    ...entry,
    floor: floor === 'silent' ? 0 : floor,
    priority: priority === 'normal' ? 0 : priority,
    told: entry.told ? 1 : 0,
    flapping: entry.flapping ? 1 : 0,
    today: entry.today > entry.count ? entry.today : 0,
    first: entry.count > 1 ? entry.first : 0,
  }
  const row: unknown[] = compactColumns.map((name) => short[name] ?? 0)
  while (row.at(-1) === 0) row.pop()
  return row
}
