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

/** A person has been, or is about to be, told; resolved and expired ones hold nothing back. */
export const toldStates: readonly AlertState[] = [
  'queued',
  'sending',
  'sent',
  'acknowledged',
  'snoozed',
  'undelivered',
]

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
}

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
})
