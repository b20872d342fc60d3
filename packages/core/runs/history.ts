import type { Database } from '@mc/db/database.ts'
import { isFailure, type Run, type RunStatus, runStatuses, toRun } from './run.ts'

export type HistoryFilter = {
  task?: string
  ticket?: number
  status?: RunStatus
  /** Queued at or after. */
  from?: Date
  /** Queued before. */
  to?: Date
  /** Only runs with a smaller seq: the next page. */
  before?: number
  limit: number
}

/** One bar of a sparkline. */
export type Past = { status: RunStatus; durationMs: number | null }

export type Streak = { kind: 'ok' | 'failing'; count: number; more: boolean }

/** How many of each end there were, those included that are no longer kept. */
export type Totals = { runs: number; slots: number; byStatus: Partial<Record<RunStatus, number>> }

/** A streak is counted no further. */
const STREAK_MAX = 1_000

const failures = runStatuses.filter(isFailure)

/** What has been, for those who look back. */
export const createRunHistory = (db: Database) => ({
  /** Newest first. */
  async list({ task, ticket, status, from, to, before, limit }: HistoryFilter): Promise<Run[]> {
    let query = db.kysely.selectFrom('runs').selectAll().orderBy('seq', 'desc').limit(limit)
    if (task !== undefined) query = query.where('task_id', '=', task)
    if (ticket !== undefined) query = query.where('ticket_id', '=', ticket)
    if (status !== undefined) query = query.where('status', '=', status)
    if (from !== undefined) query = query.where('queued_at', '>=', from.toISOString())
    if (to !== undefined) query = query.where('queued_at', '<', to.toISOString())
    if (before !== undefined) query = query.where('seq', '<', before)
    return (await query.execute()).map(toRun)
  },

  /** The last `limit` runs of each task, oldest first, without what they said. */
  async past(tasks: readonly string[], limit: number): Promise<Map<string, Past[]>> {
    const past = new Map<string, Past[]>()
    if (tasks.length === 0) return past
    const rows = await db.kysely
      .selectFrom('tasks')
      .innerJoin('runs', 'runs.task_id', 'tasks.id')
      .select(['tasks.id', 'runs.status', 'runs.duration_ms'])
      .where('tasks.id', 'in', [...tasks])
      // The oldest of the last few, found on the index once for each task.
      .where('runs.seq', '>=', (eb) =>
        eb
          .selectFrom((of) =>
            of
              .selectFrom('runs as newer')
              .select('newer.seq')
              .whereRef('newer.task_id', '=', 'tasks.id')
              .orderBy('newer.seq', 'desc')
              .limit(limit)
              .as('last'),
          )
          .select((s) => s.fn.min('last.seq').as('seq')),
      )
      .orderBy('runs.seq')
      .execute()
    for (const { id, status, duration_ms } of rows) {
      const known = past.get(id) ?? []
      known.push({ status: status as RunStatus, durationMs: duration_ms })
      past.set(id, known)
    }
    return past
  },

  /** How many runs in a row went as the last did; null when none has ended well or badly. */
  async streak(task: string): Promise<Streak | null> {
    const last = await db.kysely
      .selectFrom('runs')
      .select('status')
      .where('task_id', '=', task)
      .where('status', 'in', ['ok', ...failures])
      .orderBy('seq', 'desc')
      .limit(STREAK_MAX)
      .execute()
    const [newest] = last
    if (!newest) return null
    const ok = newest.status === 'ok'
    const end = last.findIndex(({ status }) => (status === 'ok') !== ok)
    return {
      kind: ok ? 'ok' : 'failing',
      count: end === -1 ? last.length : end,
      more: end === -1 && last.length === STREAK_MAX,
    }
  },

  async totals(task: string): Promise<Totals> {
    const kept = await db.kysely
      .selectFrom('runs')
      .select((eb) => ['status', eb.fn.countAll().as('runs'), eb.fn.sum('slots').as('slots')])
      .where('task_id', '=', task)
      .groupBy('status')
      .execute()
    const gone = await db.kysely
      .selectFrom('run_totals')
      .select(['status', 'runs', 'slots'])
      .where('task_id', '=', task)
      .execute()
    const totals: Totals = { runs: 0, slots: 0, byStatus: {} }
    for (const row of [...kept, ...gone]) {
      const status = row.status as RunStatus
      totals.runs += Number(row.runs)
      totals.slots += Number(row.slots)
      totals.byStatus[status] = (totals.byStatus[status] ?? 0) + Number(row.runs)
    }
    return totals
  },
})

export type RunHistory = ReturnType<typeof createRunHistory>
