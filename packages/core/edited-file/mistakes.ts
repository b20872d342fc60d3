import type { TSchema } from 'typebox'
import { nearest } from './nearest.ts'

/** Where something stands in the file: keys and indexes from its root. */
export type Path = (string | number)[]
/** Notes a mistake at a value, or at its key. */
export type Complain = (path: Path, message: string, at?: 'key' | 'value') => void
export type Mapping = Record<string, unknown>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Never the whole of what may hold secrets: of lists and mappings only those of plain numbers. */
export const shown = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && !Object.values(value).every(isNumber))
    return kindOf(value)
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

const isNumber = (value: unknown) => typeof value === 'number'

/** What something is, without a word of what it says. */
export const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

/** A key, cut where a person wrote its value into it ("TOKEN=…", "Authorization: …"). */
export const nameOnly = (key: string): string => {
  const name = /^[^=:\s]*/.exec(key)?.[0] ?? ''
  return name === key ? key : `${name}…`
}

export const expected = (what: string, value: unknown): string =>
  `expected ${what}, got ${shown(value)}`

export const descriptionOf = (schema: TSchema | undefined): string =>
  (schema as { description?: string } | undefined)?.description ?? 'a value'

export const unknownKey = (key: string, known: readonly string[], of: string): string => {
  const meant = nearest(key, known)
  const named = nameOnly(key)
  return meant
    ? `expected a known key of ${of}, got "${named}"; did you mean "${meant}"?`
    : `expected a known key of ${of} (${known.join(', ')}), got "${named}"`
}
