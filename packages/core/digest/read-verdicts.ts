import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { verdictActions } from '../inbox/item.ts'

const REASON_CHARS_MAX = 1_000

/** What Luci or a person says of one item. */
export const NewVerdict = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'The "item" of the digest' }),
    action: Type.Enum(verdictActions, {
      description:
        'alert: a person can and should act now. ticket: work for later. silent: neither. Never less than the item’s "floor".',
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: REASON_CHARS_MAX,
      description: 'Why, in one short sentence that a person will read',
    }),
  },
  { additionalProperties: false },
)
export type NewVerdict = Static<typeof NewVerdict>

export type ReadVerdict =
  | { index: number; verdict: NewVerdict }
  | { index: number; item: number | null; problem: string }

/**
 * Verdicts as they were given, each by itself: one that is wrong keeps none of the others from
 * being recorded, and its place in the list says which it was. The first on an item counts. Pure.
 */
export const readVerdicts = (given: readonly unknown[]): ReadVerdict[] => {
  const seen = new Map<number, number>()
  return given.map((value, index) => {
    // A model that writes "12" for 12 means it.
    const verdict = Value.Convert(NewVerdict, value)
    if (!Value.Check(NewVerdict, verdict))
      return { index, item: itemOf(verdict), problem: problemWith(verdict) }
    const first = seen.get(verdict.item)
    if (first !== undefined) {
      const problem = `Item ${verdict.item} has a verdict in this list already, at ${first}`
      return { index, item: verdict.item, problem }
    }
    seen.set(verdict.item, index)
    return { index, verdict }
  })
}

const itemOf = (value: unknown): number | null => {
  const { item } = (value ?? {}) as { item?: unknown }
  return typeof item === 'number' && Number.isSafeInteger(item) ? item : null
}

/** The first thing that is wrong with it, in words. */
const problemWith = (value: unknown): string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `Expected {"item": 12, "action": "silent", "reason": "…"}, got ${shown(value)}`
  const { item, action, reason, ...others } = value as Record<string, unknown>
  const [other] = Object.keys(others)
  if (itemOf(value) === null || (itemOf(value) ?? 0) < 1)
    return `Expected "item" to be the number of an entry, got ${shown(item)}`
  if (!verdictActions.some((one) => one === action))
    return `Expected "action" to be one of ${verdictActions.join(', ')}, got ${shown(action)}`
  if (typeof reason !== 'string' || reason.length < 1 || reason.length > REASON_CHARS_MAX)
    return `Expected "reason" to be 1 to ${REASON_CHARS_MAX} characters, got ${typeof reason === 'string' ? reason.length : shown(reason)}`
  return `Expected only "item", "action" and "reason", got "${other?.slice(0, 40)}" as well`
}

const shown = (value: unknown): string =>
  value === undefined ? 'none' : (JSON.stringify(value) ?? typeof value).slice(0, 60)
