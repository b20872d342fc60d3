import { type Clock, inboxTime, isoTime, parseTime } from '@mc/core/clock.ts'
import { verdictActions } from '@mc/core/inbox/item.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { openTurnStates } from '@mc/core/turns/turn.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { type RawBuilder, sql } from 'kysely'
import type { ReadinessLook } from '../health/readiness.ts'
import { type Instruments, measureLuci } from './instruments.ts'

const PENDING_COUNTED_MAX = 10_000
const COUNTED_MAX = 1_000
/** What ended between two scrapes is read row by row to here. */
const ENDED_READ_MAX = 10_000
/** A row's time is taken a moment before it is committed: so far back is read next time. */
const SETTLED_AFTER_MS = 2_000

const openAlertStates = [
  'queued',
  'sending',
  'sent',
  'acknowledged',
  'snoozed',
  'expired',
  'undelivered',
] as const

/**
 * Reads what the tables say into the instruments, by index and never further than it counts.
 * What ended is counted from when the api started: between two scrapes, each row once.
 */
export const createGathering = (
  deps: { db: Database; clock: Clock; luci: Luci; readiness: ReadinessLook },
  instruments: Instruments,
) => {
  const { db, clock } = deps
  let countedTo = clock.now()

  return async (): Promise<void> => {
    const now = clock.now()
    const upTo = new Date(now.getTime() - SETTLED_AFTER_MS)
    measureLuci(deps.luci, instruments)
    await waiting(db, now, instruments)
    await workers(db, clock, instruments)
    await channels(db, clock, instruments)
    await costs(db, instruments)
    if (upTo > countedTo) {
      await ended(db, countedTo, upTo, instruments)
      countedTo = upTo
    }
    const { checks } = await deps.readiness.recent()
    for (const [check, { ok }] of Object.entries(checks))
      instruments.ready.set({ check }, ok ? 1 : 0)
  }
}

/** All kept days together, three rows for each; a correction may take a little off again. */
const costs = async (db: Database, { tokens, usd }: Instruments): Promise<void> => {
  const sums = await db.kysely
    .selectFrom('usage_days')
    .select(({ fn }) => [
      'kind',
      fn.sum('tokens_in').as('read'),
      fn.sum('tokens_out').as('written'),
      fn.sum('cost_usd').as('usd'),
    ])
    .groupBy('kind')
    .execute()
  tokens.reset()
  usd.reset()
  for (const { kind, ...sum } of sums) {
    tokens.inc({ kind, direction: 'read' }, Math.max(0, Number(sum.read)))
    tokens.inc({ kind, direction: 'written' }, Math.max(0, Number(sum.written)))
    usd.inc({ kind }, Math.max(0, Number(sum.usd)))
  }
}

/** Depths and ages, in one question. */
const waiting = async (db: Database, now: Date, to: Instruments): Promise<void> => {
  const rank = (n: number) => sql`status = 'pending'
    and (case priority when 'critical' then 0 when 'low' then 2 else 1 end) = ${sql.lit(n)}`
  const count = (table: string, where: RawBuilder<unknown>, atMost: number) =>
    sql`(select count(*) from (select 1 as one from ${sql.table(table)} where ${where} limit ${sql.lit(atMost)}) counted)`
  const asked: Record<string, RawBuilder<unknown>> = {
    claimed: count('orchestrator_inbox', sql`status = 'claimed'`, PENDING_COUNTED_MAX),
    open: count('digests', sql`state = 'open'`, COUNTED_MAX),
    sealed: count('digests', sql`state = 'sealed'`, COUNTED_MAX),
  }
  priorities.forEach((name, n) => {
    asked[`pending_${name}`] = count('orchestrator_inbox', rank(n), PENDING_COUNTED_MAX)
    asked[`oldest_${name}`] =
      sql`(select created_at from orchestrator_inbox where ${rank(n)} order by id limit 1)`
  })
  for (const state of openTurnStates)
    asked[`turn_${state}`] = count('turns', sql`state = ${sql.lit(state)}`, COUNTED_MAX)
  for (const state of openAlertStates)
    asked[`alert_${state}`] = count('alerts', sql`state = ${sql.lit(state)}`, COUNTED_MAX)
  const columns = Object.entries(asked).map(([name, what]) => sql`${what} as ${sql.ref(name)}`)
  const { rows } = await sql<Record<string, number | string | null>>`
    select ${sql.join(columns)}`.execute(db.kysely)
  const row = rows[0] ?? {}

  to.inboxItems.set({ status: 'claimed', priority: 'any' }, Number(row.claimed))
  for (const priority of priorities) {
    to.inboxItems.set({ status: 'pending', priority }, Number(row[`pending_${priority}`]))
    const oldest = parseTime(row[`oldest_${priority}`] as string | null)
    to.inboxOldest.set({ priority }, oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0)
  }
  to.digests.set({ state: 'open' }, Number(row.open))
  to.digests.set({ state: 'sealed' }, Number(row.sealed))
  for (const state of openTurnStates) to.turnsOpen.set({ state }, Number(row[`turn_${state}`]))
  for (const state of openAlertStates) to.alerts.set({ state }, Number(row[`alert_${state}`]))
}

const priorities = ['critical', 'normal', 'low'] as const

const workers = async (db: Database, clock: Clock, to: Instruments): Promise<void> => {
  for (const { name, state, worker } of await createWorkers(db, clock).health()) {
    to.workerUp.set({ worker: name }, state === 'alive' ? 1 : 0)
    if (!worker) continue
    const age = clock.now().getTime() - Date.parse(worker.beatAt)
    to.beatAge.set({ worker: name }, Math.max(0, age / 1_000))
  }
}

type ChannelState = { failures?: number; problem?: string | null }

/** Every channel that was ever given something. */
const channels = async (db: Database, clock: Clock, to: Instruments): Promise<void> => {
  const settings = createSettings(db, clock)
  for (const channel of ['telegram', 'webhook', 'email'] as const) {
    const state = (await settings.get<ChannelState>(`channel.${channel}`))?.value
    if (!state) continue
    to.channelFailures.set({ channel }, state.failures ?? 0)
    to.channelBroken.set({ channel }, state.problem ? 1 : 0)
  }
}

const ended = async (db: Database, from: Date, upTo: Date, to: Instruments): Promise<void> => {
  const runs = await db.kysely
    .selectFrom('runs')
    .select(['status', 'duration_ms'])
    .where('ended_at', '>=', isoTime(from))
    .where('ended_at', '<', isoTime(upTo))
    .limit(ENDED_READ_MAX)
    .execute()
  for (const { status, duration_ms: ms } of runs) {
    to.runs.inc({ status })
    if (ms !== null) to.runSeconds.observe({ status }, ms / 1_000)
  }
  const items = await db.kysely
    .selectFrom('orchestrator_inbox')
    .select((eb) => ['verdict', eb.fn.countAll().as('count')])
    .where('status', 'in', ['processed', 'ignored'])
    .where('processed_at', '>=', inboxTime(from))
    .where('processed_at', '<', inboxTime(upTo))
    .groupBy('verdict')
    .execute()
  for (const { verdict, count } of items) {
    const known = (verdictActions as readonly (string | null)[]).includes(verdict)
    to.itemsSettled.inc({ verdict: known && verdict ? verdict : 'other' }, Number(count))
  }
  const digests = await db.kysely
    .selectFrom('digests')
    .select((eb) => eb.fn.countAll().as('count'))
    // A digest is collected for minutes, never for an hour.
    .where('opened_at', '>=', isoTime(new Date(from.getTime() - 3_600_000)))
    .where('sealed_at', '>=', isoTime(from))
    .where('sealed_at', '<', isoTime(upTo))
    .executeTakeFirst()
  to.digestsSent.inc(Number(digests?.count ?? 0))
}
