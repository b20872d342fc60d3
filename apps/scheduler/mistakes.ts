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

/** Where a task keeps its secrets: of what stands there only the kind is told. */
export const mayHoldSecrets = (path: Path): boolean =>
  path[0] === 'tasks' &&
  (path[2] === 'env' ||
    (path[2] === 'http' && (path.length === 3 || path[3] === 'headers' || path[3] === 'body')))

/** A key, cut where a person wrote its value into it ("TOKEN=…", "Authorization: …"). */
export const nameOnly = (key: string): string => {
  const name = /^[^=:\s]*/.exec(key)?.[0] ?? ''
  return name === key ? key : `${name}…`
}

export const expectedAt = (path: Path, what: string, value: unknown): string =>
  mayHoldSecrets(path) ? `expected ${what}, got ${kindOf(value)}` : expected(what, value)

export const expected = (what: string, value: unknown): string =>
  `expected ${what}, got ${shown(value)}`

export const descriptionOf = (schema: TSchema | undefined): string =>
  (schema as { description?: string } | undefined)?.description ?? 'a value'

export const whose = (path: Path): string =>
  path[0] !== 'tasks'
    ? path.map(String).join('.')
    : path.length <= 2
      ? 'a task'
      : path.slice(2).map(String).join('.')

export const unknownKey = (key: string, known: readonly string[], of: string): string => {
  const meant = nearest(key, known)
  const named = nameOnly(key)
  return meant
    ? `expected a known key of ${of}, got "${named}"; did you mean "${meant}"?`
    : `expected a known key of ${of} (${known.join(', ')}), got "${named}"`
}
