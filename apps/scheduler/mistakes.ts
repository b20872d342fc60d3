import type { TSchema } from 'typebox'
import { nearest } from './nearest.ts'

/** Where something stands in the file: keys and indexes from its root. */
export type Path = (string | number)[]
/** Notes a mistake at a value, or at its key. */
export type Complain = (path: Path, message: string, at?: 'key' | 'value') => void
export type Mapping = Record<string, unknown>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

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
  return meant
    ? `expected a known key of ${of}, got "${key}"; did you mean "${meant}"?`
    : `expected a known key of ${of} (${known.join(', ')}), got "${key}"`
}
