import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'

/**
 * What happens to an alert, beside its deliveries:
 * raised, again (it goes on and is told once more), worse (it became critical), held, acknowledged,
 * snoozed, woke, ticket, resolved, undelivered, expired.
 */
export type AlertEventKind =
  | 'raised'
  | 'again'
  | 'worse'
  | 'held'
  | 'acknowledged'
  | 'snoozed'
  | 'woke'
  | 'ticket'
  | 'resolved'
  | 'undelivered'
  | 'expired'

export type AlertEvent = {
  at: string
  kind: AlertEventKind
  /** person, luci, or null: by itself. */
  actor: string | null
  detail: string | null
}

/** Notes the same on each of the alerts. */
export const noteOn = async (
  db: Database,
  clock: Clock,
  alertIds: readonly number[],
  event: { kind: AlertEventKind; actor?: string; detail?: string | null },
): Promise<void> => {
  if (alertIds.length === 0) return
  const at = isoTime(clock.now())
  await db.kysely
    .insertInto('alert_events')
    .values(
      alertIds.map((alert_id) => ({
        alert_id,
        at,
        kind: event.kind,
        actor: event.actor ?? null,
        detail: event.detail ?? null,
      })),
    )
    .execute()
}

/** In the order in which they happened. */
export const eventsOf = async (db: Database, alertId: number): Promise<AlertEvent[]> => {
  const rows = await db.kysely
    .selectFrom('alert_events')
    .select(['at', 'kind', 'actor', 'detail'])
    .where('alert_id', '=', alertId)
    .orderBy('id')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({ ...row, kind: row.kind as AlertEventKind }))
}
