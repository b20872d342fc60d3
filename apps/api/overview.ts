import { openStates } from '@mc/core/alerts/alert.ts'
import type { Alerts } from '@mc/core/alerts/alerts.ts'
import {
  type BrokenChannel,
  brokenChannel,
  lookAtChannels,
} from '@mc/core/alerts/channel-health.ts'
import type { ChannelState } from '@mc/core/alerts/channel-state.ts'
import type { Status } from '@mc/core/client/status.ts'
import type { Config } from '@mc/core/config.ts'
import type { Costs } from '@mc/core/costs/costs.ts'
import type { Digests } from '@mc/core/digest/digests.ts'
import type { ItemListing } from '@mc/core/inbox/listing.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Settings } from '@mc/core/settings/settings.ts'
import type { PauseAll } from '@mc/core/tasks/pause-all.ts'
import type { Tasks } from '@mc/core/tasks/tasks.ts'
import { inboundFor, inboundOff, readInbound } from '@mc/core/telegram/inbound.ts'
import { ticketStatuses } from '@mc/core/tickets/ticket.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { Workers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import type { ReadinessLook } from './health/readiness.ts'
import { viewSwitches } from './settings/switches.ts'

export type OverviewDeps = {
  db: Database
  luci: Luci
  workers: Workers
  listing: ItemListing
  tasks: Tasks
  pauseAll: PauseAll
  settings: Settings
  config: Config
  version: string
  alerts: Alerts
  digests: Digests
  readiness: ReadinessLook
  held(): Promise<Held | null>
  costs: Costs
}

/** `mc status` counts to here, a few milliseconds; pages to COUNT_SHOWN_MAX. */
const COUNTED_MAX = 100_000

/** The whole desk in one look: what `mc status` prints and the pages' frame shows. */
export const createOverview = (deps: OverviewDeps) => {
  const { db } = deps
  /** No status is counted further than `atMost`. */
  const tickets = async (atMost: number) => {
    const counts = ticketStatuses.map(
      (status) =>
        sql`(select count(*) from (select 1 as one from tickets where status = ${sql.lit(status)} limit ${sql.lit(atMost)}) counted) as ${sql.ref(status)}`,
    )
    const { rows } = await sql<Record<string, number | string>>`select ${sql.join(counts)}`.execute(
      db.kysely,
    )
    const byStatus = Object.fromEntries(
      ticketStatuses.map((status) => [status, Number(rows[0]?.[status])]),
    )
    const closed = (byStatus.done ?? 0) + (byStatus.cancelled ?? 0)
    const all = Object.values(byStatus).reduce((sum, count) => sum + count, 0)
    return { open: all - closed, byStatus }
  }
  return {
    tickets,

    /** `open`: a person has not reacted. `undelivered`: of those, what the channel never took. */
    async alerts() {
      const rows = await db.kysely
        .selectFrom('alerts')
        .select((eb) => ['state', eb.fn.countAll().as('count')])
        .where('state', 'in', openStates)
        .where((eb) => eb.or([eb('held', 'is', null), eb('held', '<>', 'mute')]))
        .groupBy('state')
        .execute()
      const count = (states: readonly string[]) =>
        rows
          .filter((row) => states.includes(row.state))
          .reduce((sum, row) => sum + Number(row.count), 0)
      return {
        open: count(openStates),
        undelivered: count(['undelivered', 'expired']),
      }
    },

    /** Proposals that wait for a person; no further than the navigation shows. */
    async openProposals(): Promise<number> {
      const { rows } = await sql<{ count: number | string }>`
        select count(*) as count
        from (select 1 as one from proposals where state = 'open' limit 100) counted`.execute(
        db.kysely,
      )
      return Number(rows[0]?.count ?? 0)
    },

    /** What Luci asks and nobody answered; few at most. */
    async openQuestions(): Promise<number> {
      const rows = await db.kysely
        .selectFrom('questions')
        .select('id')
        .where('state', '=', 'open')
        .execute()
      return rows.length
    },

    async queuedTurns(): Promise<number> {
      const row = await db.kysely
        .selectFrom('turns')
        .select((eb) => eb.fn.countAll().as('count'))
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    /** Mistakes of the tasks file, as the scheduler last read it. */
    async taskProblems(): Promise<string[]> {
      const stored = await deps.settings.get<{ problems?: string[] }>('tasks_file')
      return stored?.value.problems ?? []
    },

    /** Set while all tasks are paused together. */
    allPaused: () => deps.pauseAll.get(),

    /** Why nothing is begun by itself now; null while it may be. */
    held: () => deps.held(),

    /** Why no digest and no worker is begun today; null while they are. */
    overCap: async (): Promise<string | null> => (await deps.costs.today()).over,

    /** A channel to the person that is broken; null while none is. */
    brokenChannel: (): Promise<BrokenChannel | null> => brokenChannel(deps.settings, deps.config),

    /** How the channel is, as the alert sender left it. */
    async telegram(): Promise<Status['telegram']> {
      const configured = deps.config.telegram.token !== null
      if (!configured)
        return { configured, problem: null, tried: false, failures: 0, inbound: inboundOff }
      const inbound = inboundFor(
        await readInbound(deps.settings),
        deps.config.telegram.allowedUsers.length,
      )
      const stored = await deps.settings.get<Partial<ChannelState>>('channel.telegram')
      const { problem = null, failures = 0 } = stored?.value ?? {}
      return { configured, problem, tried: stored !== null, failures, inbound }
    },

    async status() {
      const [workers, inbox, ticketCounts, alerts, tasks, queued, switches, problems, telegram] =
        await Promise.all([
          deps.workers.health(),
          deps.listing.counts(COUNTED_MAX),
          this.tickets(COUNTED_MAX),
          this.alerts(),
          deps.tasks.summary(),
          this.queuedTurns(),
          viewSwitches(deps.settings, deps.config.switches),
          this.taskProblems(),
          this.telegram(),
        ])
      return {
        version: deps.version,
        luci: deps.luci.status(),
        workers,
        inbox,
        tickets: ticketCounts,
        alerts,
        tasks: { ...tasks, problems, allPaused: await deps.pauseAll.get() },
        turns: { queued },
        digests: await deps.digests.breaker(),
        switches: Object.fromEntries(
          switches.map(({ name, value, from }) => [name, { value, from }]),
        ),
        telegram,
        channels: await lookAtChannels(deps.settings, deps.config),
        held: await deps.held(),
        unclear: (await deps.readiness.now()).unclear,
        database: db.dialect,
      }
    },
  }
}

export type Overview = ReturnType<typeof createOverview>
