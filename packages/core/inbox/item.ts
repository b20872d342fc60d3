import type { OrchestratorInboxTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Static, Type } from 'typebox'
import { parseTime } from '../clock.ts'

export const priorities = ['critical', 'normal', 'low'] as const
export type Priority = (typeof priorities)[number]

/**
 * pending → claimed → processed (something was done) or ignored (silent on purpose).
 * A claimed item whose lease expired is pending again. `set-aside` items are processed, with an
 * alert, after too many tries. See docs/item-states.md.
 */
export const itemStatuses = ['pending', 'claimed', 'processed', 'ignored'] as const
export type ItemStatus = (typeof itemStatuses)[number]

/** What an item tells. Other programs may leave it out (null). */
export const itemKinds = [
  'ok',
  'failed',
  'auth',
  'timeout',
  'missed',
  'skipped',
  'stuck',
  'interrupted',
  'could_not_start',
  'self_heal',
  'note',
] as const
export type ItemKind = (typeof itemKinds)[number]

/** The four things that can become of an item. `silent` is the lowest, `alert+ticket` the highest. */
export const verdictActions = ['silent', 'ticket', 'alert', 'alert+ticket'] as const
export type VerdictAction = (typeof verdictActions)[number]

export type Item = {
  id: number
  /** scheduler, pickup, api, self_heal, or whatever another program wrote. */
  source: string
  /** The task's or ticket's name at the source; null when the poster gave none. */
  sourceId: string | null
  message: string
  priority: Priority
  status: ItemStatus
  kind: ItemKind | null
  fingerprint: string | null
  /** What the poster knew beside the message. Empty when it was none or unreadable. */
  detail: Record<string, unknown>
  runId: string | null
  createdAt: Date
  processedAt: Date | null
  /** Leases that expired on it so far. */
  tries: number
  /** The lease, as text: what `settle`, `renew` and `release` are fenced by. */
  lease: string | null
  claimedBy: string | null
  /** When it was taken last; null when it never was. */
  claimedAt: Date | null
  digestId: string | null
  verdict: VerdictAction | null
  /** `rule:<name>`, `luci`, `fallback` or `person`. */
  decidedBy: string | null
  reason: string | null
}

/** What it takes to post. Bounds keep one poster from filling the desk. */
export const NewItem = Type.Object(
  {
    source: Type.String({ minLength: 1, maxLength: 100 }),
    sourceId: Type.Optional(Type.String({ maxLength: 200 })),
    message: Type.String({ minLength: 1, maxLength: 16_384 }),
    priority: Type.Optional(Type.Enum(priorities)),
    kind: Type.Optional(Type.Enum(itemKinds)),
    fingerprint: Type.Optional(Type.String({ maxLength: 200 })),
    detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    runId: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
)
export type NewItem = Static<typeof NewItem>

export type ItemRow = Selectable<OrchestratorInboxTable>

/**
 * A row, possibly written by another program, as an item: an unknown priority is normal, an
 * unknown status is pending, unreadable detail is empty, an unreadable time is the epoch.
 */
export const toItem = (row: ItemRow): Item => ({
  id: row.id,
  source: row.source_type,
  sourceId: row.source_id,
  message: row.message,
  priority: oneOf(priorities, row.priority) ?? 'normal',
  status: oneOf(itemStatuses, row.status) ?? 'pending',
  kind: oneOf(itemKinds, row.kind),
  fingerprint: row.fingerprint,
  detail: readDetail(row.detail),
  runId: row.run_id,
  createdAt: parseTime(row.created_at) ?? new Date(0),
  processedAt: parseTime(row.processed_at),
  tries: row.tries ?? 0,
  lease: row.status === 'claimed' ? row.claim_expires_at : null,
  claimedBy: row.claimed_by,
  claimedAt: parseTime(row.claimed_at),
  digestId: row.digest_id,
  verdict: oneOf(verdictActions, row.verdict),
  decidedBy: row.decided_by,
  reason: row.reason,
})

const oneOf = <T extends string>(choices: readonly T[], value: string | null): T | null =>
  choices.find((choice) => choice === value) ?? null

const readDetail = (text: string | null): Record<string, unknown> => {
  if (!text) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}
