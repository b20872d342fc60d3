import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Alert, type AlertState, type NewAlert, toAlert, toldStates } from './alert.ts'

export type Raised = { status: 'raised' | 'counted'; alert: Alert }

/** After an acknowledgement a person is left alone about the same trouble this long. */
const ACKNOWLEDGED_FOR_MS = 24 * 3_600_000

/**
 * The outbox of what a person must hear. Raising is a row in the caller's transaction; a sender
 * (see telegram.ts) delivers it, so that nothing ever waits for the channel.
 */
export const createAlerts = (
  db: Database,
  clock: Clock,
  { repeatIntervalMs }: { repeatIntervalMs: number },
) => {
  const get = async (id: number): Promise<Alert> => {
    const row = await db.kysely
      .selectFrom('alerts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `There is no alert ${id}`)
    return toAlert(row)
  }
  const change = async (id: number, set: object): Promise<Alert> => {
    await get(id)
    const row = await db.kysely
      .updateTable('alerts')
      .set(set)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return toAlert(row)
  }
  return {
    get,

    /**
     * One alert per fingerprint per repeat interval (24 h once acknowledged; while snoozed, none):
     * within it the earlier alert is counted instead. Resolved and expired ones do not hold a new
     * one back.
     */
    raise: (alert: NewAlert): Promise<Raised> =>
      db.transaction(async (tx) => {
        const at = clock.now()
        await lockName(tx, `alert:${alert.fingerprint}`)
        const row = await tx.kysely
          .selectFrom('alerts')
          .selectAll()
          .where('fingerprint', '=', alert.fingerprint)
          .where('state', 'in', toldStates)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst()
        const earlier = row ? toAlert(row) : null
        if (earlier && at < quietUntil(earlier, repeatIntervalMs)) {
          const counted = await tx.kysely
            .updateTable('alerts')
            .set({ occurrences: earlier.occurrences + 1 })
            .where('id', '=', earlier.id)
            .returningAll()
            .executeTakeFirstOrThrow()
          return { status: 'counted', alert: toAlert(counted) }
        }
        const raised = await tx.kysely
          .insertInto('alerts')
          .values({
            fingerprint: alert.fingerprint,
            severity: alert.severity ?? 'normal',
            kind: alert.kind,
            title: alert.title,
            text: alert.text,
            item_id: alert.itemId ?? null,
            ticket_id: alert.ticketId ?? null,
            state: 'queued',
            created_at: isoTime(at),
            due_at: isoTime(at),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return { status: 'raised', alert: toAlert(raised) }
      }),

    /** Open alerts of a fingerprint are over. Returns those that a person had been told of. */
    async resolve(fingerprint: string): Promise<Alert[]> {
      const rows = await db.kysely
        .updateTable('alerts')
        .set({ state: 'resolved', resolved_at: isoTime(clock.now()) })
        .where('fingerprint', '=', fingerprint)
        .where('state', 'in', toldStates)
        .returningAll()
        .execute()
      return rows.map(toAlert).filter((alert) => alert.sentAt !== null)
    },

    /** What it tells now, for the page; a message that was sent stays as it was. */
    revise: (id: number, words: Pick<NewAlert, 'title' | 'text'>): Promise<Alert> =>
      change(id, { title: words.title, text: words.text }),

    acknowledge: (id: number, by: string): Promise<Alert> =>
      change(id, {
        state: 'acknowledged',
        acknowledged_at: isoTime(clock.now()),
        acknowledged_by: by,
      }),

    snooze: (id: number, until: Date): Promise<Alert> =>
      change(id, { state: 'snoozed', snoozed_until: isoTime(until) }),

    close: (id: number): Promise<Alert> =>
      change(id, { state: 'resolved', resolved_at: isoTime(clock.now()) }),

    /** Newest first. */
    async list({
      states,
      before,
      limit = 100,
    }: {
      states?: readonly AlertState[]
      /** Only alerts with a smaller id: the next page. */
      before?: number
      limit?: number
    } = {}): Promise<Alert[]> {
      let query = db.kysely.selectFrom('alerts').selectAll().orderBy('id', 'desc').limit(limit)
      if (states) query = query.where('state', 'in', states)
      if (before) query = query.where('id', '<', before)
      return (await query.execute()).map(toAlert)
    },
  }
}

export type Alerts = ReturnType<typeof createAlerts>

const quietUntil = (alert: Alert, repeatIntervalMs: number): Date => {
  if (alert.snoozedUntil) return new Date(alert.snoozedUntil)
  if (alert.acknowledgedAt)
    return new Date(new Date(alert.acknowledgedAt).getTime() + ACKNOWLEDGED_FOR_MS)
  return new Date(new Date(alert.createdAt).getTime() + repeatIntervalMs)
}
