import { createHash } from 'node:crypto'
import type { Item, ItemKind } from '../inbox/item.ts'
import { plainText } from '../redaction/plain.ts'
import { createRedactor } from '../redaction/redact.ts'
import { likenessOf } from './likeness.ts'
import type { Effect } from './verdict.ts'

/** What an item's detail says, read with suspicion: any program may have written it. */
export type Outcome = {
  task: string | null
  /** The ticket that was delegated, e.g. `MC-7`. */
  ticket: string | null
  /** Why, in words. */
  cause: string | null
  exitCode: number | null
  /** The end of its output. */
  excerpt: string
  /** Failures in a row of this task, this one included; 0 when nobody counted. */
  consecutiveFailures: number
  /** Of these, those in a row with this fingerprint. */
  sameFingerprint: number
  recoveredFrom: Recovered | null
  /** What the poster has told a person already. */
  told: Effect[]
  credential: string | null
}

/** `failures` is 0 when nobody counted. */
export type Recovered = { fingerprints: string[]; failures: number; since: string | null }

/** Kinds that count towards "three in a row". */
const failureKinds: readonly ItemKind[] = ['failed', 'timeout', 'could_not_start', 'auth']

export const isFailureKind = (kind: ItemKind | null): boolean =>
  kind !== null && failureKinds.includes(kind)

export const outcomeOf = ({ detail }: Pick<Item, 'detail'>): Outcome => ({
  task: text(detail.task),
  ticket: text(detail.ticket),
  cause: text(detail.cause),
  exitCode: typeof detail.exitCode === 'number' ? detail.exitCode : null,
  excerpt: text(detail.excerpt) ?? '',
  consecutiveFailures: count(detail.consecutiveFailures),
  sameFingerprint: count(detail.sameFingerprint),
  recoveredFrom: recovered(detail.recoveredFrom),
  told: (Array.isArray(detail.told) ? detail.told : []).filter(
    (effect): effect is Effect => effect === 'alert' || effect === 'ticket',
  ),
  credential: text(detail.credential),
})

/**
 * What the item is about: its poster's fingerprint, or one made of where it came from and its
 * words, so that a flood of like rows is one trouble and two disks are two (see likeness.ts).
 */
export const fingerprintFor = (item: Item): string => {
  if (item.fingerprint) return item.fingerprint
  const { task, credential } = outcomeOf(item)
  if (item.kind === 'auth')
    return `auth:${credential ?? task ?? item.sourceId ?? item.source}`.slice(0, 200)
  const words = [item.source, item.sourceId ?? '', item.kind ?? '', likenessOf(item.message)]
  return `plain:${createHash('sha256').update(words.join('|')).digest('hex').slice(0, 32)}`
}

/** Its first line, for a title; outside text, but plain and without secrets. */
export const headlineOf = (item: Item): string => {
  const line = plain(item.message)
    .split('\n')
    .find((candidate) => candidate.trim() !== '')
  const chars = [...(line ?? `${item.source} posted an empty message`).trim()]
  return chars.length <= HEADLINE_CHARS
    ? chars.join('')
    : `${chars.slice(0, HEADLINE_CHARS - 1).join('')}…`
}

const HEADLINE_CHARS = 160

const redact = createRedactor()

/** Without secrets, terminal sequences and invisible characters. Still untrusted text. */
export const plain = (outside: string): string => redact(plainText(outside))

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0

const recovered = (value: unknown): Recovered | null => {
  if (typeof value !== 'object' || value === null) return null
  const { fingerprint, fingerprints, failures, since } = value as Record<string, unknown>
  const all = Array.isArray(fingerprints) ? fingerprints : [fingerprint]
  return {
    fingerprints: all.filter((one): one is string => typeof one === 'string').slice(0, 50),
    failures: count(failures),
    since: text(since),
  }
}
