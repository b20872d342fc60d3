import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { type Alert, toAlert } from './alert.ts'
import type { ChannelName } from './channel.ts'
import {
  type ChannelState,
  readChannelState,
  type SlotKind,
  saveChannelState,
  slotFreeAt,
  withoutTold,
  withSlot,
  withTold,
} from './channel-state.ts'
import { type Chosen, chooseMessage } from './choose.ts'
import { createDeliveries } from './deliveries.ts'
import { noteOn } from './events.ts'
import { applyHolds } from './holds.ts'
import type { QuietHours } from './quiet-hours.ts'

/** Alerts on their way in one message; the lease on them ends at `until`. */
export type Batch = Chosen & {
  until: string
  /** When it was claimed, as the budget counts it. */
  at: string
  message: string
  /** Ids of those that may have arrived before. */
  repeated: ReadonlySet<number>
  /** The channel as it was before: how long it had been down. */
  before: ChannelState
  /** Alerts that expired meanwhile, still open, of which nobody was told. */
  unheard: number
}

export type OutboxOptions = {
  /** Those configured, the first first. */
  channels?: readonly ChannelName[]
  /** Quiet hours of the environment; stored ones win. */
  quiet?: QuietHours | null
  fallbackAfterMs?: number
}

/** An alert nobody could be told for so long is no news any more, unless it is urgent. */
const LIVES_FOR_MS = 24 * 3_600_000
const LEASE_MS = 60_000
/** So many at most stand behind one message. */
const BATCH_MAX = 500
/** A broken channel that another stands in for is tried again this often. */
const TRY_BROKEN_AGAIN_MS = 15 * 60_000

/** What a sender does with the alerts table. The state of each channel is one of the settings. */
export const createOutbox = (
  db: Database,
  clock: Clock,
  { channels = ['telegram'], quiet = null, fallbackAfterMs = 5 * 60_000 }: OutboxOptions = {},
) => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))

  /** One at a time: the pace and the budgets are common to all senders. */
  const alone = <T>(work: (tx: Database) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await lockName(tx, 'alerts.outbox')
      return work(tx)
    })
  const change = async (
    tx: Database,
    channel: ChannelName,
    next: (before: ChannelState) => ChannelState,
  ): Promise<ChannelState> => {
    const before = await readChannelState(tx, clock, channel)
    await saveChannelState(tx, clock, channel, next(before))
    return before
  }

  /** What cannot be told stays on the page; the end of what was never heard of needs nobody. */
  const giveUp = async (tx: Database, batch: Batch | null, reason: string) => {
    let query = tx.kysely
      .updateTable('alerts')
      .set({
        state: sql<string>`case kind when 'recovered' then 'resolved' else 'undelivered' end`,
        resolved_at: sql<
          string | null
        >`case kind when 'recovered' then ${at()} else resolved_at end`,
        last_error: reason,
        sending_until: null,
        held: null,
      })
      .returning(['id', 'state'])
    query = batch
      ? query
          .where(
            'id',
            'in',
            batch.alerts.map((alert) => alert.id),
          )
          .where('state', '=', 'sending')
          .where('sending_until', '=', batch.until)
      : query.where('state', '=', 'queued').where('due_at', '<=', at())
    const rows = await query.execute()
    const undelivered = rows.filter((row) => row.state === 'undelivered').map((row) => row.id)
    await noteOn(tx, clock, undelivered, { kind: 'undelivered', detail: reason })
    return rows.length
  }

  return {
    state: (channel: ChannelName = 'telegram') => readChannelState(db, clock, channel),

    /**
     * Takes a place in the pace of the chat. 0: it is taken, send now. Else milliseconds until
     * another try. Alerts, summaries and replies share one message a second and 15 a minute.
     */
    takeSlot: (kind: SlotKind, channel: ChannelName = 'telegram'): Promise<number> =>
      alone(async (tx) => {
        const now = clock.now().getTime()
        const state = await readChannelState(tx, clock, channel)
        const wait = slotFreeAt(state, kind, now) - now
        if (wait > 0) return wait
        await saveChannelState(tx, clock, channel, withSlot(state, now))
        return 0
      }),

    /** The channel asked for a rest (`retry_after`): nobody sends before it is over. */
    rest: (ms: number, channel: ChannelName = 'telegram'): Promise<void> =>
      alone(async (tx) => {
        const until = at(ms)
        await change(tx, channel, (before) =>
          until > before.notBefore ? { ...before, notBefore: until } : before,
        )
      }),

    /** Without any channel alerts stay on the page. Returns how many. */
    async giveUp(reason: string): Promise<number> {
      if (!(await anyWaiting(db))) return 0
      return alone(async (tx) => {
        await applyHolds(tx, clock, quiet)
        return giveUp(tx, null, reason)
      })
    },

    /** The channel works (again): what came due within the last day, or is urgent, gets its turn. */
    async takeUp(): Promise<void> {
      await db.kysely
        .updateTable('alerts')
        .set({ state: 'queued', last_error: null, held: 'outage' })
        .where('state', '=', 'undelivered')
        .where(sql<boolean>`(due_at > ${at(-LIVES_FOR_MS)} or ${urgent})`)
        .execute()
    },

    /** A person may have mended it: every channel is tried again at the next message. */
    tryAgain: (): Promise<void> =>
      alone(async (tx) => {
        for (const channel of channels) {
          const state = await readChannelState(tx, clock, channel)
          if (state.retryAt !== null)
            await saveChannelState(tx, clock, channel, { ...state, retryAt: null })
        }
      }),

    /** A message of another kind (a test) got through, or did not. True: it had been broken. */
    heard: (
      channel: ChannelName,
      outcome: { status: 'sent' } | { status: 'broken'; reason: string },
    ): Promise<boolean> =>
      alone(async (tx) => {
        const before = await change(tx, channel, (state) =>
          outcome.status === 'sent'
            ? { ...state, ...recovered, lastSentAt: at() }
            : { ...state, problem: outcome.reason, lastError: outcome.reason },
        )
        return before.problem !== null
      }),

    /**
     * Snoozed alerts whose time is over wake; what is not urgent and
     * nobody could be told for a day expires.
     */
    async tidy(): Promise<void> {
      const now = at()
      if (await anyOf(db, 'snoozed', 'snoozed_until', now)) {
        const woken = await db.kysely
          .updateTable('alerts')
          .set({ state: 'queued', due_at: now, snoozed_until: null })
          .where('state', '=', 'snoozed')
          .where('snoozed_until', '<=', now)
          .returning('id')
          .execute()
        await noteOn(
          db,
          clock,
          woken.map((row) => row.id),
          { kind: 'woke' },
        )
      }
      const old = at(-LIVES_FOR_MS)
      if (await anyOf(db, 'queued', 'due_at', old)) {
        const reason = 'Could not be delivered within a day'
        const expired = await db.kysely
          .updateTable('alerts')
          .set({
            state: sql<string>`case kind when 'recovered' then 'resolved' else 'expired' end`,
            resolved_at: sql<string | null>`case kind when 'recovered' then ${now} end`,
            last_error: reason,
            held: null,
          })
          .where('state', '=', 'queued')
          .where('due_at', '<=', old)
          .where(sql<boolean>`not ${urgent}`)
          .returning('id')
          .execute()
        await noteOn(
          db,
          clock,
          expired.map((row) => row.id),
          { kind: 'expired', detail: reason },
        )
      }
    },

    /**
     * Takes what to send next, for LEASE_MS, with its slot in the pace and its place in the budget.
     * Else how long to wait: milliseconds, null when only a change brings something.
     */
    async claim(): Promise<Batch | { waitMs: number | null }> {
      if (!(await anyWaiting(db))) return { waitMs: null }
      return alone(async (tx) => {
        await applyHolds(tx, clock, quiet)
        const now = clock.now().getTime()
        const due = await dueNow(tx, at())
        const states = await Promise.all(
          channels.map(async (name) => ({ name, state: await readChannelState(tx, clock, name) })),
        )
        const chosen = chooseMessage({ channels: states, due, now, fallbackAfterMs })
        if (!('alerts' in chosen)) {
          const looks = [...(chosen.at === null ? [] : [chosen.at]), ...(await nextDue(tx, at()))]
          return { waitMs: looks.length > 0 ? Math.max(0, Math.min(...looks) - now) : null }
        }
        const { alerts, ...how } = chosen
        const ids = alerts.map((alert) => alert.id)
        const until = at(LEASE_MS)
        await tx.kysely
          .updateTable('alerts')
          .set((eb) => ({ state: 'sending', sending_until: until, tries: eb('tries', '+', 1) }))
          .where('id', 'in', ids)
          .execute()
        const before = states.find((one) => one.name === how.channel)?.state
        if (!before) throw new Error(`The channel ${how.channel} is not one of those configured`)
        const counted = withTold(withSlot(before, now), how.budget, now)
        await saveChannelState(tx, clock, how.channel, {
          ...counted,
          ...(how.form === 'overflow' ? { overflowAt: at() } : {}),
        })
        const delivery = await createDeliveries(tx, clock).begin(ids, how.channel)
        const unheard = await unheardSince(tx, before.downSince)
        return { ...how, alerts, until, at: at(), before, unheard, ...delivery }
      })
    },

    /**
     * It arrived. What a person did with the alert meanwhile stays, and what became critical
     * meanwhile goes again. True: it had been broken.
     */
    sent: (batch: Batch, ref: string): Promise<boolean> =>
      alone(async (tx) => {
        const ids = batch.alerts.map((alert) => alert.id)
        await tx.kysely
          .updateTable('alerts')
          .set({ sent_at: at(), channel_ref: ref, last_error: null, held: null })
          .where('id', 'in', ids)
          .execute()
        // It was told in the words of before.
        await mine(tx, batch, { state: 'queued' }, batch.at)
        await mine(tx, batch, { state: 'sent' })
        // That something is over, or how the week was, asks nothing of anybody.
        await tx.kysely
          .updateTable('alerts')
          .set({ state: 'resolved', resolved_at: at() })
          .where('id', 'in', ids)
          .where('kind', 'in', ['recovered', 'report'])
          .where('state', '=', 'sent')
          .execute()
        await createDeliveries(tx, clock).end(batch.message, { state: 'sent', ref })
        const before = await change(tx, batch.channel, (state) => ({
          ...state,
          ...recovered,
          lastSentAt: at(),
        }))
        return before.problem !== null
      }),

    /** It did not arrive: the rows wait again, and so does the whole channel for `afterMs`. */
    hold: (
      batch: Batch,
      reason: string,
      {
        afterMs,
        isFailure,
        unsure = false,
      }: { afterMs: (failures: number) => number; isFailure: boolean; unsure?: boolean },
    ): Promise<number> =>
      alone(async (tx) => {
        await mine(tx, batch, { state: 'queued', last_error: reason })
        const state = unsure ? 'unknown' : 'failed'
        await createDeliveries(tx, clock).end(batch.message, { state, error: reason })
        const { failures } = await readChannelState(tx, clock, batch.channel)
        const wait = afterMs(failures + 1)
        await change(tx, batch.channel, (state) => ({
          ...withoutTold(state, batch.budget, batch.at),
          ...(isFailure ? { failures: failures + 1, downSince: state.downSince ?? at() } : {}),
          notBefore: at(wait),
          lastError: reason,
        }))
        return wait
      }),

    /**
     * It will not arrive this way. `problem` (null: only this message) is the channel's from now
     * on; then the alerts take the next channel, if there is one. True: the problem is new.
     */
    drop: (batch: Batch, reason: string, problem: string | null): Promise<boolean> =>
      alone(async (tx) => {
        const standIn = channels.indexOf(batch.channel) < channels.length - 1
        if (problem !== null && standIn)
          await mine(tx, batch, { state: 'queued', last_error: reason })
        else await giveUp(tx, batch, reason)
        await createDeliveries(tx, clock).end(batch.message, { state: 'failed', error: reason })
        const before = await change(tx, batch.channel, (state) => ({
          ...withoutTold(state, batch.budget, batch.at),
          lastError: reason,
          ...(problem === null
            ? {}
            : {
                problem,
                downSince: state.downSince ?? at(),
                retryAt: standIn ? at(TRY_BROKEN_AGAIN_MS) : null,
              }),
        }))
        return before.problem === null
      }),
  }
}

export type Outbox = ReturnType<typeof createOutbox>

/** As `isUrgent` has it. */
const urgent = sql<boolean>`(severity = 'critical' or kind = 'auth')`

const recovered = { failures: 0, downSince: null, problem: null, retryAt: null, lastError: null }

/** Only rows still under this batch's lease; of them those that came due `after` a moment. */
const mine = (
  tx: Database,
  batch: Batch,
  set: { state: 'sent' | 'queued'; last_error?: string },
  after = '',
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
    .where('due_at', '>', after)
    .execute()

const anyWaiting = async (db: Database): Promise<boolean> =>
  (await db.kysely
    .selectFrom('alerts')
    .select('id')
    .where('state', 'in', ['queued', 'sending', 'snoozed'])
    .limit(1)
    .executeTakeFirst()) !== undefined

/** How many expired since then (ISO, null: the channel was not down) and are not over. */
const unheardSince = async (tx: Database, since: string | null): Promise<number> => {
  if (since === null) return 0
  const row = await tx.kysely
    .selectFrom('alerts')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('state', '=', 'expired')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('alert_events')
          .select('alert_events.id')
          .whereRef('alert_id', '=', 'alerts.id')
          .where('kind', '=', 'expired')
          .where('at', '>=', since),
      ),
    )
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** What is due, with what a sender that died left behind; the urgent first. */
const dueNow = async (tx: Database, now: string): Promise<Alert[]> => {
  let query = tx.kysely
    .selectFrom('alerts')
    .selectAll()
    .where(sql<boolean>`state in ('queued', 'sending')`)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'queued'), eb('due_at', '<=', now)]),
        eb.and([eb('state', '=', 'sending'), eb('sending_until', '<=', now)]),
      ]),
    )
    .orderBy(sql`case when ${urgent} then 0 else 1 end`)
    .orderBy('id')
    .limit(BATCH_MAX)
  // What is being resolved or acknowledged just now is not to be written over; it is looked at again.
  if (tx.dialect === 'postgres') query = query.forUpdate().skipLocked()
  return (await query.execute()).map(toAlert)
}

/** Moments (ms) to come at which a queued alert, a lapsed lease or a snoozed one comes due. */
const nextDue = async (db: Database, now: string): Promise<number[]> => {
  const row = await db.kysely
    .selectFrom('alerts')
    .select([
      sql<string | null>`min(case when state = 'queued' then due_at end)`.as('queued'),
      sql<string | null>`min(case when state = 'sending' then sending_until end)`.as('sending'),
      sql<string | null>`min(case when state = 'snoozed' then snoozed_until end)`.as('snoozed'),
    ])
    .where(sql<boolean>`state in ('queued', 'sending', 'snoozed')`)
    .where(sql<boolean>`(state <> 'queued' or due_at > ${now})`)
    .executeTakeFirst()
  return [row?.queued, row?.sending, row?.snoozed]
    .filter((time): time is string => typeof time === 'string')
    .map((time) => Date.parse(time))
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
