import type { Item, ItemKind, VerdictAction } from '../inbox/item.ts'
import { fallback } from '../triage/fallback.ts'
import { headlineOf, isFailureKind, outcomeOf, plain } from '../triage/outcome.ts'
import { floorFor } from '../triage/triage.ts'
import { both } from '../triage/verdict.ts'
import type { Group } from './groups.ts'

/** One line of a digest's list: all its items about the same trouble. */
export type DigestEntry = {
  /** The newest of them; a verdict on it is a verdict on all. */
  item: number
  /** Task, or where it came from. */
  task: string
  /** `note` when the poster did not say. */
  kind: ItemKind
  priority: Item['priority']
  cause: string
  /** How many items of this digest. */
  count: number
  /** `10:20`, or with the day before it when that is not the digest's. UTC, as the other times. */
  first?: string
  last: string
  /** Failures in a row, the newest included; 0 when nobody counted. */
  failures: number
  /** Like items of the last day, these included. */
  today: number
  /** When it was seen before this digest, if ever. */
  before?: string
  /** It fails and recovers in turn. */
  flapping?: true
  /** The open ticket about it, if any. */
  ticket?: string
  /** A person has been alerted to it. */
  told?: true
  /** The verdict may not be less. */
  floor: VerdictAction
  /** What happens when nobody says: the fallback table's verdict. */
  otherwise: VerdictAction
  excerpt?: string
}

/** What is known of a fingerprint beside the items at hand. */
export type Background = {
  today: number
  ticket: string | null
  told: boolean
  before?: Date | null
  /** Failures in a row, the newest of the items included. */
  failures?: number
  flapping?: boolean
}

/** How much of outside words an entry carries, in characters. */
export type Scale = { excerpt: number; cause: number }

const NAME_CHARS = 60

/** The entry of a group. `day` (`2026-03-02`) is the one that times without a day are of. Pure. */
export const entryOf = (
  { fingerprint, items, newest }: Group,
  background: (fingerprint: string) => Background,
  day: string,
  scale: Scale,
): DigestEntry => {
  const outcome = outcomeOf(newest)
  const {
    today,
    ticket,
    told,
    before,
    failures = ownCount(newest),
    flapping,
  } = background(fingerprint)
  const floor = items.map(floorFor).reduce(both)
  const counted = { ...newest, detail: { ...newest.detail, sameFingerprint: failures } }
  const excerpt = end(outcome.excerpt || restOf(newest.message), scale.excerpt)
  return {
    item: newest.id,
    task: beginning(outcome.task ?? newest.sourceId ?? newest.source, NAME_CHARS),
    kind: newest.kind ?? 'note',
    priority: items.some(({ priority }) => priority === 'critical') ? 'critical' : newest.priority,
    cause: beginning(outcome.cause ?? headlineOf(newest), scale.cause),
    count: items.length,
    ...(items.length > 1 ? { first: time(items[0]?.createdAt ?? newest.createdAt, day) } : {}),
    last: time(newest.createdAt, day),
    failures,
    today: Math.max(today, items.length),
    ...(before ? { before: time(before, day) } : {}),
    ...(flapping ? { flapping } : {}),
    ...(ticket ? { ticket } : {}),
    ...(told ? { told } : {}),
    floor,
    otherwise: fallback(counted, floor, told).action,
    ...(excerpt === '' ? {} : { excerpt }),
  }
}

const ownCount = (item: Item): number => {
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  return Math.max(consecutiveFailures, sameFingerprint)
}

/** An entry as JSON, without what a reader takes for granted (see `readEntry`). */
export const writeEntry = (entry: DigestEntry): string => {
  const { item, task, kind, priority, cause, count, first, last, failures, today, ...rest } = entry
  const { floor, otherwise, excerpt, ...history } = rest
  return JSON.stringify({
    item,
    task,
    kind,
    ...(priority === usual.priority ? {} : { priority }),
    cause,
    ...(count === usual.count ? {} : { count, first }),
    last,
    ...(failures > 1 ? { failures } : {}),
    ...(today > count ? { today } : {}),
    ...history,
    ...(floor === usual.floor ? {} : { floor }),
    otherwise,
    ...(excerpt === undefined ? {} : { excerpt }),
  })
}

/** An entry with what was left out of it. */
export const readEntry = (written: Partial<DigestEntry>): DigestEntry => {
  const entry = { ...usual, ...written } as DigestEntry
  const isCounted = isFailureKind(entry.kind)
  return {
    ...entry,
    failures: entry.failures ?? (isCounted ? 1 : 0),
    today: entry.today ?? entry.count,
  }
}

const usual = { priority: 'normal', count: 1, floor: 'silent' } as const

const restOf = (message: string): string => message.split('\n').slice(1).join('\n')

const beginning = (outside: string, max: number): string => {
  const chars = harmless(outside)
  return chars.length <= max ? chars.join('') : `${chars.slice(0, max - 1).join('')}…`
}

/** The end of an output is what tells. */
const end = (outside: string, max: number): string => {
  const chars = harmless(outside)
  if (max === 0) return ''
  return chars.length <= max ? chars.join('') : `…${chars.slice(1 - max).join('')}`
}

/** Plain, without secrets, forged marks (of an envelope, of a turn) folded; in whole characters. */
const harmless = (outside: string): string[] => [
  ...plain(outside)
    .replace(/<{3,}/g, '‹')
    .replace(/>{3,}/g, '›')
    .replace(/\[mc(?=\s)/gi, '(mc')
    .trim(),
]

/** To the minute, UTC. */
const time = (at: Date, day: string): string => {
  const iso = at.toISOString()
  return iso.startsWith(day) ? iso.slice(11, 16) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`
}
