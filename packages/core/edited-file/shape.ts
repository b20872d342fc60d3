import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import {
  type Complain,
  descriptionOf,
  expected,
  isMapping,
  kindOf,
  type Mapping,
  nameOnly,
  type Path,
  unknownKey,
} from './mistakes.ts'

/** How one kind of file talks of its places. */
export type Places = {
  /** What the mapping at a path is, in words. */
  whose(path: Path): string
  /** Of what stands there only the kind is told. */
  mayHoldSecrets(path: Path): boolean
}

/** Walks a schema beside a value, so that every mistake is found, not the first eight. */
export const createShapeCheck = (places: Places) => {
  const expectedAt = (path: Path, what: string, value: unknown): string =>
    places.mayHoldSecrets(path) ? `expected ${what}, got ${kindOf(value)}` : expected(what, value)

  /** Whether the value has the schema's shape; each mistake is told. */
  const check = (schema: TSchema, value: unknown, path: Path, complain: Complain): boolean => {
    const properties = (schema as { properties?: Record<string, TSchema> }).properties
    const description = (schema as { description?: string }).description ?? 'names with values'
    const patterns = (schema as { patternProperties?: Record<string, TSchema> }).patternProperties
    if (patterns && isMapping(value)) return checkNamed(patterns, value, path, complain)
    if (!properties) {
      if (Value.Check(schema, value)) return true
      const wrong = wrongEntries(schema, value)
      if (wrong.length === 0) complain(path, expectedAt(path, description, value))
      for (const index of wrong)
        complain([...path, index], expectedAt(path, description, (value as unknown[])[index]))
      return false
    }
    if (!isMapping(value)) {
      complain(path, expectedAt(path, description, value))
      return false
    }
    let good = true
    for (const key of Object.keys(value)) {
      const property = properties[key]
      if (property) good = check(property, value[key], [...path, key], complain) && good
      else {
        good = false
        complain(
          [...path, key],
          unknownKey(key, Object.keys(properties), places.whose(path)),
          'key',
        )
      }
    }
    for (const key of (schema as { required?: string[] }).required ?? [])
      if (!(key in value)) {
        good = false
        complain(path, `expected "${key}", ${descriptionOf(properties[key])}, got none`)
      }
    return good
  }

  /** Names that a person chose, each with its value: told one by one. */
  const checkNamed = (
    patterns: Record<string, TSchema>,
    value: Mapping,
    path: Path,
    complain: Complain,
  ): boolean => {
    let good = true
    for (const [name, one] of Object.entries(value)) {
      const at = [...path, name]
      const found = Object.entries(patterns).find(([pattern]) => new RegExp(pattern).test(name))
      if (found && Value.Check(found[1], one)) continue
      good = false
      if (found)
        complain(at, expectedAt(at, `${descriptionOf(found[1])} for "${nameOnly(name)}"`, one))
      else complain(at, `expected a name for ${places.whose(path)}, got "${nameOnly(name)}"`, 'key')
    }
    return good
  }

  return check
}

/** Where a list of entries is allowed: those that are none, by index. Else empty. */
const wrongEntries = (schema: TSchema, value: unknown): number[] => {
  if (!Array.isArray(value)) return []
  const forms = (schema as { anyOf?: TSchema[] }).anyOf ?? [schema]
  const one = forms.map((form) => (form as { items?: TSchema }).items).find(Boolean)
  return one ? value.flatMap((entry, index) => (Value.Check(one, entry) ? [] : [index])) : []
}

/** The fields of the right shape, so that a mistake in one does not hide those in others. */
export const soundPart = (
  schema: { properties: Record<string, TSchema> },
  entry: Mapping,
): Mapping =>
  Object.fromEntries(
    Object.entries(entry).filter(([key, value]) => {
      const property = schema.properties[key]
      return property !== undefined && Value.Check(property, value)
    }),
  )
