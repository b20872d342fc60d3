import type { AlertsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'

export const alertStates = [
  'queued',
  'sending',
  'sent',
  'acknowledged',
  'snoozed',
  'resolved',
  'expired',
  'undelivered',
] as const
export type AlertState = (typeof alertStates)[number]

/** A person has been, or is about to be, told. Resolved and expired ones hold no new one back. */
export const toldStates: readonly AlertState[] = [
  'queued',
  'sending',
  'sent',
  'acknowledged',
  'snoozed',
  'undelivered',
]

/** A person has not reacted to it yet. */
export const openStates: readonly AlertState[] = [
  'queued',
  'sending',
  'sent',
  'undelivered',
  'expired',
]

/** open: waits for a person. quiet: acknowledged, snoozed or muted. */
export const alertTabs = ['open', 'quiet', 'all'] as const
export type AlertTab = (typeof alertTabs)[number]

export type Alert = {
  id: number
  fingerprint: string
  severity: 'critical' | 'normal'
  /** auth, failed, missed, self_heal, recovered, note, … */
  kind: string
  title: string
  text: string
  itemId: number | null
  ticketId: number | null
  state: AlertState
  occurrences: number
  createdAt: string
  dueAt: string
  tries: number
  lastError: string | null
  sentAt: string | null
  /** The message's id at the channel. */
  channelRef: string | null
  acknowledgedAt: string | null
  acknowledgedBy: string | null
  snoozedUntil: string | null
  resolvedAt: string | null
  /** Why it waits until dueAt; null when nothing holds it back. */
  held: Hold | null
  /** When the trouble was last reported. */
  lastAt: string
  /** How often it was told again because it goes on. */
  repeats: number
}

/** Quiet hours or a mute hold an alert back; one of an outage waited for a working channel. */
export type Hold = 'quiet' | 'mute' | 'outage'

/** What is told at any hour and before everything else. */
export const isUrgent = (alert: Pick<Alert, 'severity' | 'kind'>): boolean =>
  alert.severity === 'critical' || alert.kind === 'auth'

/** What Mission Control tells of itself: a cap that is reached, a class that was locked again. */
const ownKinds: readonly string[] = ['costs', 'autonomy']

/**
 * What goes at once though the hour's messages are used up: Luci's own alerts must not keep these
 * from the person. Held by quiet hours or a mute, it waits like any other.
 */
export const hasReserve = (alert: Pick<Alert, 'severity' | 'kind' | 'held'>): boolean =>
  isUrgent(alert) || (ownKinds.includes(alert.kind) && alert.held === null)

export type NewAlert = {
  fingerprint: string
  severity?: 'critical' | 'normal'
  kind: string
  title: string
  text: string
  itemId?: number
  ticketId?: number
}

export const toAlert = (row: Selectable<AlertsTable>): Alert => ({
  id: row.id,
  fingerprint: row.fingerprint,
  severity: row.severity === 'critical' ? 'critical' : 'normal',
  kind: row.kind,
  title: row.title,
  text: row.text,
  itemId: row.item_id,
  ticketId: row.ticket_id,
  state: row.state as AlertState,
  occurrences: row.occurrences,
  createdAt: row.created_at,
  dueAt: row.due_at,
  tries: row.tries,
  lastError: row.last_error,
  sentAt: row.sent_at,
  channelRef: row.channel_ref,
  acknowledgedAt: row.acknowledged_at,
  acknowledgedBy: row.acknowledged_by,
  snoozedUntil: row.snoozed_until,
  resolvedAt: row.resolved_at,
  held: row.held as Hold | null,
  lastAt: row.last_at ?? row.created_at,
  repeats: row.repeats,
})
