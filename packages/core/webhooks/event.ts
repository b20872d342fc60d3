import { createHash } from 'node:crypto'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../errors.ts'
import type { ItemKind, NewItem, Priority } from '../inbox/item.ts'
import { plain } from '../triage/outcome.ts'

/** One thing that a payload tells, in the words of its sender. */
export type HookEvent = {
  /** Which trouble: the same while it lasts and when it returns. Null: nobody can tell. */
  subject: string | null
  /**
   * Which occurrence of it: told again, it is counted. Null: the sender does not say, so the same
   * state as before is a repeat.
   */
  occurrence: string | null
  /** good: over, or went well. note: neither; something to know. */
  state: 'bad' | 'good' | 'note'
  kind: ItemKind
  priority: Priority
  /** What at the sender it is about, e.g. the name of an alert. */
  about: string
  title: string
  text: string
  /** A success like any other, unless what came before was trouble. */
  isRoutine?: boolean
  url?: string | undefined
  /** When it began, as the sender says. */
  since?: string | undefined
  /** What else it says: labels and the like. */
  facts?: Record<string, string>
}

/** What a payload says; `ignored` is why there is nothing in it for the desk. */
export type Reading = { events: HookEvent[]; ignored: string | null }

/** More in one call is no event any more but a flood. */
export const EVENTS_MAX = 500

const TITLE_CHARS = 300
const TEXT_CHARS = 4_000
const FACTS_MAX = 20
const FACT_CHARS = 200
/** Cut before it is cleaned, so that a long text costs no more than a short one. */
const RAW_CHARS = 16_000

export const nothing = (why: string): Reading => ({ events: [], ignored: why })

/** The payload as `schema` has it, whatever else it carries. Throws `unprocessable` with what was expected. */
export const expecting = <T extends TSchema>(
  schema: T,
  payload: unknown,
  what: string,
): Static<T> => {
  if (Value.Check(schema, payload)) return payload as Static<T>
  const problems = Value.Errors(schema, payload)
    .slice(0, 10)
    .map((wrong) => `${wrong.instancePath || 'the body'} ${wrong.message}`)
  throw new AppError('unprocessable', `Expected ${what}: ${problems[0] ?? 'something else came'}`, {
    problems,
    hint: 'docs/webhooks.md has an example of each shape.',
  })
}

/** A text that other programs may leave out or set to null. */
export const MaybeText = Type.Optional(Type.Union([Type.String(), Type.Null()]))

/**
 * The event as an item. All of its text is data from outside: without secrets and invisible
 * characters, and cut. Its names stand below the webhook's own (`prod/HighLatency`), so that no
 * webhook can speak of a task's or another webhook's trouble.
 */
export const toNewItem = (event: HookEvent, from: { shape: string; name: string }): NewItem => {
  const title = line(event.title, TITLE_CHARS) || `${from.name} says nothing`
  const text = clean(event.text, TEXT_CHARS)
  const fingerprint = fingerprintOf(event, from)
  const facts = Object.entries(event.facts ?? {})
    .slice(0, FACTS_MAX)
    .map(([name, value]) => [line(name, 80), line(value, FACT_CHARS)])
  return {
    source: 'webhook',
    sourceId: `${from.name}/${line(event.about, 140) || 'event'}`,
    message: text && text !== title ? `${title}\n${text}` : title,
    priority: event.priority,
    kind: event.kind,
    ...(fingerprint ? { fingerprint } : {}),
    detail: {
      webhook: from.name,
      shape: from.shape,
      ...(event.url && isWebAddress(event.url) ? { url: event.url } : {}),
      ...(event.since ? { since: line(event.since, 40) } : {}),
      ...(facts.length > 0 ? { facts: Object.fromEntries(facts) } : {}),
    },
  }
}

export const fingerprintOf = (
  { subject }: HookEvent,
  { shape, name }: { shape: string; name: string },
): string | null => (subject === null ? null : `hook:${shape}:${name}:${hash(subject)}`)

/** The name under which this very occurrence is remembered; null: each one is new. */
export const keyOf = (
  event: HookEvent,
  from: { shape: string; name: string },
  state: HookEvent['state'] = event.state,
): string | null =>
  event.subject === null
    ? null
    : hash(JSON.stringify([from.shape, from.name, event.subject, event.occurrence ?? state]))

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)

const clean = (text: string, max: number): string => {
  const chars = [...plain(text.slice(0, RAW_CHARS)).trim()]
  return chars.length <= max ? chars.join('') : `${chars.slice(0, max - 1).join('')}…`
}

const line = (text: string, max: number): string => clean(text.replace(/\s+/g, ' '), max)

const isWebAddress = (text: string): boolean =>
  text.length <= 500 && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
