import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { AlertsTable, Schema } from '@mc/db/schema.ts'
import type { Selectable, SelectQueryBuilder } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import {
  type Alert,
  type AlertState,
  type AlertTab,
  type NewAlert,
  openStates,
  toAlert,
  toldStates,
} from './alert.ts'
import { createDeliveries } from './deliveries.ts'
import { noteOn } from './events.ts'

/** raised: a new one. again: it goes on, and is told once more. counted: the person knows. */
export type Raised = { status: 'raised' | 'again' | 'counted'; alert: Alert }

/** After an acknowledgement a person is left alone about the same trouble this long. */
const ACKNOWLEDGED_FOR_MS = 24 * 3_600_000

/** A credential takes a person longer to renew than a task to fail again. */
const AUTH_QUIET_MS = 6 * 3_600_000

/**
 * The outbox of what a person must hear. Raising is a row in the caller's transaction; a sender
 * (see sender.ts) delivers it, so that nothing ever waits for the channel.
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
  const set = async (tx: Database, id: number, values: object): Promise<Alert> => {
    const row = await tx.kysely
      .updateTable('alerts')
      .set(values)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `There is no alert ${id}`)
    return toAlert(row)
  }
  const react = (
    id: number,
    kind: 'acknowledged' | 'snoozed' | 'resolved',
    by: string,
    values: object,
    detail?: string,
  ): Promise<Alert> =>
    db.transaction(async (tx) => {
      const row = await held(tx, tx.kysely.selectFrom('alerts').selectAll().where('id', '=', id))
      if (row?.state === 'resolved') {
        if (kind === 'resolved') return toAlert(row)
        throw new AppError('conflict', `Alert ${id} is over: it was resolved`, {
          hint: 'Should the trouble come back, it is a new alert.',
        })
      }
      const alert = await set(tx, id, { held: null, ...values })
      await noteOn(tx, clock, [id], { kind, actor: by, ...(detail ? { detail } : {}) })
      return alert
    })
  return {
    get,

    /**
     * One alert per fingerprint: while it is open, more of the same trouble is counted. It is told
     * again after the repeat interval (24 h once acknowledged; while snoozed, not), and at once
     * when it has become critical. Resolved and expired ones do not hold a new one back.
     */
    raise: (alert: NewAlert): Promise<Raised> =>
      db.transaction(async (tx) => {
        const at = isoTime(clock.now())
        await lockName(tx, `alert:${alert.fingerprint}`)
        const row = await held(
          tx,
          tx.kysely
            .selectFrom('alerts')
            .selectAll()
            .where('fingerprint', '=', alert.fingerprint)
            .where('state', 'in', toldStates)
            .orderBy('id', 'desc')
            .limit(1),
        )
        const earlier = row ? toAlert(row) : null
        if (earlier) {
          const next = decideAgain(earlier, alert, clock.now(), repeatIntervalMs)
          const counted = await set(tx, earlier.id, {
            occurrences: earlier.occurrences + 1,
            last_at: at,
            ...(next === null ? {} : anew(earlier, alert, at)),
          })
          if (next !== null) await noteOn(tx, clock, [earlier.id], next)
          return { status: next?.kind === 'again' ? 'again' : 'counted', alert: counted }
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
            created_at: at,
            due_at: at,
            last_at: at,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        await noteOn(tx, clock, [raised.id], { kind: 'raised' })
        return { status: 'raised', alert: toAlert(raised) }
      }),

    /**
     * Alerts of a fingerprint are over. Returns those that a person had been told of, or may have
     * been: what is on its way cannot be called back.
     */
    async resolve(fingerprint: string): Promise<Alert[]> {
      const rows = await db.kysely
        .updateTable('alerts')
        .set({ state: 'resolved', resolved_at: isoTime(clock.now()), held: null })
        .where('fingerprint', '=', fingerprint)
        .where('state', 'in', [...toldStates, 'expired'])
        .returningAll()
        .execute()
      const ids = rows.map((row) => row.id)
      await noteOn(db, clock, ids, { kind: 'resolved' })
      const unheard = rows.filter((row) => row.sent_at === null).map((row) => row.id)
      const perhaps = await createDeliveries(db, clock).mayHaveReached(unheard)
      return rows.map(toAlert).filter(({ id, sentAt }) => sentAt !== null || perhaps.has(id))
    },

    /** What it tells now, for the page; a message that was sent stays as it was. */
    revise: (id: number, words: Pick<NewAlert, 'title' | 'text'>): Promise<Alert> =>
      set(db, id, { title: words.title, text: words.text }),

    /** Seen: quiet about it for a day, then told again if it still goes on. */
    acknowledge: (id: number, by: string): Promise<Alert> =>
      react(id, 'acknowledged', by, {
        state: 'acknowledged',
        acknowledged_at: isoTime(clock.now()),
        acknowledged_by: by,
      }),

    /** Not now: it wakes at that moment and is told again. */
    snooze: (id: number, until: Date, by = 'person'): Promise<Alert> =>
      react(id, 'snoozed', by, { state: 'snoozed', snoozed_until: isoTime(until) }, isoTime(until)),

    close: (id: number, by = 'person'): Promise<Alert> =>
      react(id, 'resolved', by, { state: 'resolved', resolved_at: isoTime(clock.now()) }),

    /** The ticket that it became. */
    linkTicket: (id: number, ticketId: number, by: string): Promise<Alert> =>
      db.transaction(async (tx) => {
        const alert = await set(tx, id, { ticket_id: ticketId })
        await noteOn(tx, clock, [id], { kind: 'ticket', actor: by, detail: String(ticketId) })
        return alert
      }),

    /** Newest first. */
    async list({
      states,
      tab = 'all',
      before,
      limit = 100,
    }: {
      states?: readonly AlertState[]
      tab?: AlertTab
      /** Only alerts with a smaller id: the next page. */
      before?: number
      limit?: number
    } = {}): Promise<Alert[]> {
      let query = db.kysely.selectFrom('alerts').selectAll().orderBy('id', 'desc').limit(limit)
      if (states) query = query.where('state', 'in', states)
      if (tab === 'open')
        query = query
          .where('state', 'in', openStates)
          .where((eb) => eb.or([eb('held', 'is', null), eb('held', '<>', 'mute')]))
      if (tab === 'quiet')
        query = query.where((eb) =>
          eb.or([
            eb('state', 'in', ['acknowledged', 'snoozed']),
            eb.and([eb('state', '=', 'queued'), eb('held', '=', 'mute')]),
          ]),
        )
      if (before) query = query.where('id', '<', before)
      return (await query.execute()).map(toAlert)
    },
  }
}

export type Alerts = ReturnType<typeof createAlerts>

/**
 * The alert as it stays until the transaction ends: on Postgres a person, the sender and who raises
 * it again would each decide on what the others just change.
 */
const held = (
  tx: Database,
  query: SelectQueryBuilder<Schema, 'alerts', Selectable<AlertsTable>>,
): Promise<Selectable<AlertsTable> | undefined> =>
  (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst()

/** Whether more of the same is told once more, and why; null when it is only counted. */
const decideAgain = (
  earlier: Alert,
  alert: NewAlert,
  now: Date,
  repeatIntervalMs: number,
): { kind: 'again' | 'worse' } | null => {
  if (alert.severity === 'critical' && earlier.severity === 'normal') return { kind: 'worse' }
  // It is about to be told, and with the right count.
  if (earlier.state === 'queued' || earlier.state === 'sending') return null
  return now < leftAloneUntil(earlier, repeatIntervalMs) ? null : { kind: 'again' }
}

/** In the words of now; what a person did with it before is in its events. */
const anew = (earlier: Alert, alert: NewAlert, at: string) => ({
  severity: alert.severity === 'critical' ? 'critical' : earlier.severity,
  title: alert.title,
  text: alert.text,
  ...(alert.itemId === undefined ? {} : { item_id: alert.itemId }),
  ...(alert.ticketId === undefined ? {} : { ticket_id: alert.ticketId }),
  ...(earlier.state === 'sending' ? {} : { state: 'queued' }),
  due_at: at,
  held: null,
  acknowledged_at: null,
  acknowledged_by: null,
  snoozed_until: null,
  repeats: earlier.sentAt === null ? earlier.repeats : earlier.repeats + 1,
})

const leftAloneUntil = (alert: Alert, repeatIntervalMs: number): Date => {
  if (alert.state === 'snoozed' && alert.snoozedUntil) return new Date(alert.snoozedUntil)
  if (alert.state === 'acknowledged' && alert.acknowledgedAt)
    return new Date(Date.parse(alert.acknowledgedAt) + ACKNOWLEDGED_FOR_MS)
  const quietMs =
    alert.kind === 'auth' ? Math.max(AUTH_QUIET_MS, repeatIntervalMs) : repeatIntervalMs
  return new Date(Date.parse(alert.sentAt ?? alert.dueAt) + quietMs)
}
