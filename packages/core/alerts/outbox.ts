import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import { type Alert, toAlert } from './alert.ts'

/** Shared by every sender, so that several processes are one sender to the channel. */
export type ChannelState = {
  /** Nothing is sent before this moment: the pace, a retry_after, or a back-off. */
  notBefore: string
  /** Sends in a row that did not get through. */
  failures: number
  /** Why the channel is broken; null while it is not. A person must repair it. */
  problem: string | null
}

export type Batch = { alerts: Alert[]; until: string }

/** Between two messages: Telegram's own advice for one chat. */
export const PACE_MS = 1_000
/** An alert nobody could be told for so long is no news any more. */
const LIVES_FOR_MS = 24 * 3_600_000
const LEASE_MS = 60_000
/** From so many on, those due go as one message. */
const MANY = 4
const BATCH_MAX = 50

/** What a sender does with the alerts table. `channel` names its state in the settings. */
export const createOutbox = (db: Database, clock: Clock, channel = 'channel.telegram') => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))

  const state = async (tx: Database = db): Promise<ChannelState> => {
    const stored = await createSettings(tx, clock).get<ChannelState>(channel)
    return stored?.value ?? { notBefore: isoTime(new Date(0)), failures: 0, problem: null }
  }
  const save = (tx: Database, next: ChannelState) =>
    createSettings(tx, clock).set(channel, next, 'sender')

  return {
    state: () => state(),

    /** Alerts without a channel stay on the page. Returns how many. */
    async giveUp(reason: string): Promise<number> {
      const result = await db.kysely
        .updateTable('alerts')
        .set({ state: 'undelivered', last_error: reason })
        .where('state', '=', 'queued')
        .executeTakeFirst()
      return Number(result.numUpdatedRows)
    },

    /** The channel works (again): what could not be delivered within the last day gets its turn. */
    async takeUp(): Promise<void> {
      await db.kysely
        .updateTable('alerts')
        .set({ state: 'queued', due_at: at(), last_error: null })
        .where('state', '=', 'undelivered')
        .where('created_at', '>', at(-LIVES_FOR_MS))
        .execute()
    },

    /** Snoozed alerts whose time is over wake; those nobody could be told for a day expire. */
    async tidy(): Promise<void> {
      const now = at()
      const snoozed = await anyOf(db, 'snoozed', 'snoozed_until', now)
      if (snoozed)
        await db.kysely
          .updateTable('alerts')
          .set({ state: 'queued', due_at: now, snoozed_until: null })
          .where('state', '=', 'snoozed')
          .where('snoozed_until', '<=', now)
          .execute()
      const old = at(-LIVES_FOR_MS)
      if (await anyOf(db, 'queued', 'due_at', old))
        await db.kysely
          .updateTable('alerts')
          .set({ state: 'expired', last_error: 'Could not be delivered within a day' })
          .where('state', '=', 'queued')
          .where('due_at', '<=', old)
          .execute()
    },

    /**
     * Takes what to send next, for LEASE_MS: the most urgent alert alone, or all that are due when
     * they are many. Null when nothing may be sent yet. The slot in the pace is taken with it.
     */
    claim: (): Promise<Batch | null> =>
      db.transaction(async (tx) => {
        const now = at()
        if (!(await nextDue(tx)).some((due) => due <= now)) return null
        const before = await state(tx)
        if (before.notBefore > now) return null
        let query = tx.kysely
          .selectFrom('alerts')
          .select('id')
          .where(sql<boolean>`state in ('queued', 'sending')`)
          .where((eb) =>
            eb.or([
              eb.and([eb('state', '=', 'queued'), eb('due_at', '<=', now)]),
              eb.and([eb('state', '=', 'sending'), eb('sending_until', '<', now)]),
            ]),
          )
          .orderBy(sql`case severity when 'critical' then 0 else 1 end`)
          .orderBy('id')
          .limit(BATCH_MAX)
        if (tx.dialect === 'postgres') query = query.forUpdate().skipLocked()
        const due = (await query.execute()).map((row) => row.id)
        const ids = due.length >= MANY ? due : due.slice(0, 1)
        if (ids.length === 0) return null
        const until = at(LEASE_MS)
        const rows = await tx.kysely
          .updateTable('alerts')
          .set((eb) => ({ state: 'sending', sending_until: until, tries: eb('tries', '+', 1) }))
          .where('id', 'in', ids)
          .returningAll()
          .execute()
        await save(tx, { ...before, notBefore: at(PACE_MS) })
        const order = new Map(ids.map((id, index) => [id, index]))
        rows.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
        return { alerts: rows.map(toAlert), until }
      }),

    /** It arrived. What a person did with the alert meanwhile stays. True: it had been broken. */
    sent: (batch: Batch, ref: string): Promise<boolean> =>
      db.transaction(async (tx) => {
        const ids = batch.alerts.map((alert) => alert.id)
        await tx.kysely
          .updateTable('alerts')
          .set({ sent_at: at(), channel_ref: ref, last_error: null })
          .where('id', 'in', ids)
          .execute()
        await mine(tx, batch, { state: 'sent' })
        const before = await state(tx)
        await save(tx, { ...before, failures: 0, problem: null })
        return before.problem !== null
      }),

    /** It did not arrive: the rows wait again, and so does the whole channel for `afterMs`. */
    hold: (batch: Batch, reason: string, afterMs: (failures: number) => number): Promise<number> =>
      db.transaction(async (tx) => {
        await mine(tx, batch, { state: 'queued', last_error: reason })
        const before = await state(tx)
        const wait = afterMs(before.failures + 1)
        await save(tx, { ...before, failures: before.failures + 1, notBefore: at(wait) })
        return wait
      }),

    /** It will not arrive. `problem` (null: only this message) is the channel's from now on. */
    drop: (batch: Batch, reason: string, problem: string | null): Promise<boolean> =>
      db.transaction(async (tx) => {
        await mine(tx, batch, { state: 'undelivered', last_error: reason })
        const before = await state(tx)
        if (problem) await save(tx, { ...before, problem })
        return before.problem === null
      }),

    /** Milliseconds until something may be due; `most` when nothing is. */
    async dueIn(most: number): Promise<number> {
      const [first] = await nextDue(db)
      if (!first) return most
      const { notBefore } = await state()
      const due = Math.max(Date.parse(first), Date.parse(notBefore))
      return Math.min(most, Math.max(0, due - clock.now().getTime()))
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>

/** Only rows still under this batch's lease. */
const mine = (
  tx: Database,
  batch: Batch,
  set: { state: 'sent' | 'queued' | 'undelivered'; last_error?: string },
) =>
  tx.kysely
    .updateTable('alerts')
    .set({ ...set, sending_until: null })
    .where(
      'id',
      'in',
      batch.alerts.map((alert) => alert.id),
    )
    .where('state', '=', 'sending')
    .where('sending_until', '=', batch.until)
    .execute()

/** The earliest moments at which a queued alert, a lapsed lease or a snoozed one comes due. */
const nextDue = async (db: Database): Promise<string[]> => {
  const row = await db.kysely
    .selectFrom('alerts')
    .select([
      sql<string | null>`min(case when state = 'queued' then due_at end)`.as('queued'),
      sql<string | null>`min(case when state = 'sending' then sending_until end)`.as('sending'),
      sql<string | null>`min(case when state = 'snoozed' then snoozed_until end)`.as('snoozed'),
    ])
    .where(sql<boolean>`state in ('queued', 'sending', 'snoozed')`)
    .executeTakeFirst()
  return [row?.queued, row?.sending, row?.snoozed]
    .filter((time): time is string => typeof time === 'string')
    .sort()
}

const anyOf = async (
  db: Database,
  state: string,
  column: 'snoozed_until' | 'due_at',
  until: string,
): Promise<boolean> => {
  const row = await db.kysely
    .selectFrom('alerts')
    .select('id')
    .where('state', '=', state)
    .where(column, '<=', until)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
