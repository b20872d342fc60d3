import { sql } from 'kysely'
import { isoTime } from '../clock.ts'
import type { Sweeping } from './retention.ts'
import { addUp } from './totals.ts'

const BATCH = 100

/**
 * Alerts raised long enough ago, or before too many others. Kept are those on their way or
 * snoozed, those of an open ticket, and, while there is room, the last one of a trouble that
 * nobody has reacted to. Returns how many went.
 */
export const forgetAlerts = async (sweeping: Sweeping): Promise<number> => {
  const { db, clock, keep, signal, pause } = sweeping
  const before = isoTime(new Date(clock.now().getTime() - keep.alertsMs))
  const { rows: newest } = await sql<{ id: number | null }>`
    select max(id) as id from alerts`.execute(db.kysely)
  const surplus = Number(newest[0]?.id ?? 0) - keep.alertsMax
  let count = 0
  let after = 0
  while (!signal.aborted) {
    const { rows } = await sql<{ id: number }>`
      select a.id from alerts a
      where a.id > ${after}
        and a.state not in ('queued', 'sending', 'snoozed')
        and (a.id <= ${surplus} or (a.created_at < ${before} and (
          a.state in ('resolved', 'expired', 'acknowledged')
          or exists (
            select 1 from alerts newer where newer.fingerprint = a.fingerprint and newer.id > a.id))))
        and not exists (
          select 1 from tickets k where k.closed_at is null
            and (k.id = a.ticket_id or k.fingerprint = a.fingerprint))
      order by a.id limit ${sql.lit(BATCH)}`.execute(db.kysely)
    if (rows.length === 0) break
    after = Number(rows.at(-1)?.id)
    count += await forgetBatch(
      sweeping,
      rows.map(({ id }) => id),
    )
    if (rows.length < BATCH) break
    await pause()
  }
  return count
}

const forgetBatch = ({ db }: Sweeping, ids: readonly number[]): Promise<number> =>
  db.transaction(async (tx) => {
    const gone = await tx.kysely
      .deleteFrom('alerts')
      .where('id', 'in', [...ids])
      .where('state', 'not in', ['queued', 'sending', 'snoozed'])
      .returning(['severity', 'kind', 'state', 'created_at', 'occurrences'])
      .execute()
    await addUp(
      tx,
      'alert_totals',
      gone.map((alert) => ({
        keys: {
          day: alert.created_at.slice(0, 10),
          severity: alert.severity,
          kind: alert.kind,
          state: alert.state,
        },
        sums: { alerts: 1, occurrences: alert.occurrences },
      })),
    )
    return gone.length
  })
