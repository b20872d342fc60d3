import { isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { dueOf, jitterOf, nextSlot, slotsUntil } from '@mc/core/tasks/calendar.ts'
import { createPauseAll } from '@mc/core/tasks/pause-all.ts'
import { type Pause, type Task, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import { notPaused } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { CATCH_UP_MAX, type Plan, planFires } from './due.ts'
import { createInFlight, type Started } from './in-flight.ts'
import { createOutcomes } from './outcomes.ts'
import type { RunTaskDeps } from './run-task.ts'

export type SchedulerDeps = RunTaskDeps & {
  db: Database
  log: Log
  config: Pick<Config, 'switches' | 'triage'>
  /** Its row in `workers`: the lease of its runs. */
  workerId: string
  runsAtOnceMax?: number
}

/** More programs at once would only slow each other down; the rest waits in the queue. */
const RUNS_AT_ONCE_MAX = 16
const CATCH_UPS_AT_ONCE_MAX = 2
const DUE_AT_ONCE_MAX = 500

/**
 * Fires what is due. The due table is the truth: each fire moves it on in the transaction that
 * begins the run, so any number of schedulers share one database and none fires a slot twice.
 */
export const createScheduler = (deps: SchedulerDeps) => {
  const { db, clock, log, workerId, runsAtOnceMax = RUNS_AT_ONCE_MAX } = deps
  const outcomes = createOutcomes(db, clock, deps.config)
  const runs = createRuns(db, clock)
  const inFlight = createInFlight(deps, runs, outcomes)
  let stopping = false

  /** A task is fired, asked for or taken from the queue by one process at a time. */
  const withTask = <T>(id: string, work: (tx: Database, row: TaskRow) => Promise<T>) =>
    db.transaction(async (tx) => {
      await lockName(tx, `task:${id}`)
      const row = await tx.kysely
        .selectFrom('tasks')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row ? work(tx, row) : null
    })

  const fire = async (id: string, allPaused: Pause | null): Promise<void> => {
    const started: Started[] = []
    let replaces = false
    await withTask(id, async (tx, row) => {
      const now = clock.now()
      // Another scheduler was quicker.
      if (!row.next_run_at || row.next_run_at > isoTime(now)) return
      const task = toTask(row)
      const fires = dueFires(task, new Date(row.next_run_at), now)
      const pauseOver = row.paused_until !== null && row.paused_until <= isoTime(now)
      await tx.kysely
        .updateTable('tasks')
        .set({
          next_run_at: fires.next ? isoTime(dueOf(task, fires.next)) : null,
          last_slot: isoTime(fires.last),
          ...(pauseOver ? notPaused : {}),
        })
        .where('id', '=', id)
        .execute()
      const outcomes = createOutcomes(tx, clock, deps.config)
      const paused = pauseCause(pauseOver ? { ...row, ...notPaused } : row, allPaused)
      if (paused) return outcomes.paused(task, fires, paused)
      const plan = planFires(task, fires, now)
      if (plan.missed) await outcomes.missed(task, plan.missed)
      for (const slot of plan.run) {
        const begun = await begin(tx, task, slot, plan.trigger, started.length)
        if (begun === 'replaces') replaces = true
        else if (begun) started.push({ run: begun, task })
      }
    })
    if (replaces) inFlight.abort('Replaced by the next fire', id)
    for (const one of started) inFlight.launch(one)
  }

  /** A running run; null when the fire waits or was passed over. */
  const begin = async (
    tx: Database,
    task: Task,
    slot: Date,
    trigger: Plan['trigger'],
    startedCount: number,
  ): Promise<Run | 'replaces' | null> => {
    const runs = createRuns(tx, clock)
    const fire = { taskId: task.id, slot, trigger }
    const open = await runs.open({ task: task.id })
    const [before] = open
    if (!before) {
      const free = inFlight.count() + startedCount < runsAtOnceMax
      const run = await runs.begin(free ? { ...fire, workerId } : fire)
      return run?.status === 'running' ? run : null
    }
    // Several fires made up for wait for each other; otherwise at most one waits.
    const madeUp = trigger === 'catch_up' && task.catchUp === 'all'
    const mayWait = task.overlap !== 'skip' && !open.some((run) => run.status === 'queued')
    if (!madeUp && !mayWait) {
      const since = before.startedAt ?? before.queuedAt
      await createOutcomes(tx, clock, deps.config).skipped(task, slot, since)
      return null
    }
    await runs.begin(fire)
    return task.overlap === 'replace' && !madeUp ? 'replaces' : null
  }

  /** A person's request waits while the task runs; it is cleared in the transaction that starts it. */
  const runAsAsked = async (id: string): Promise<void> => {
    const started = await withTask(id, async (tx, row): Promise<Started | null> => {
      if (!row.run_requested_at || row.present !== 1) return null
      const runs = createRuns(tx, clock)
      if ((await runs.open({ task: id })).length > 0) return null
      const run = await runs.begin({
        taskId: id,
        trigger: 'manual',
        ...(row.run_requested_by ? { requestedBy: row.run_requested_by } : {}),
        ...(inFlight.count() < runsAtOnceMax ? { workerId } : {}),
      })
      await tx.kysely
        .updateTable('tasks')
        .set({ run_requested_at: null, run_requested_by: null })
        .where('id', '=', id)
        .execute()
      return run?.status === 'running' ? { run, task: toTask(row) } : null
    })
    if (started) inFlight.launch(started)
  }

  const startQueued = async (): Promise<void> => {
    const open = await runs.open()
    const busy = new Set(open.filter((run) => run.status === 'running').map((run) => run.taskId))
    for (const { id, status, taskId, trigger } of open) {
      if (status !== 'queued' || taskId === null || busy.has(taskId)) continue
      if (inFlight.count() >= runsAtOnceMax) return
      if (trigger === 'catch_up' && inFlight.countOf('catch_up') >= CATCH_UPS_AT_ONCE_MAX) continue
      busy.add(taskId)
      const started = await takeQueued(id, taskId)
      if (started) inFlight.launch(started)
    }
  }

  const takeQueued = (id: string, taskId: string): Promise<Started | null> =>
    withTask(taskId, async (tx, row) => {
      const runs = createRuns(tx, clock)
      if (row.present !== 1) {
        await runs.end(id, { status: 'skipped', cause: 'The task left the tasks file' })
        return null
      }
      const open = await runs.open({ task: taskId })
      if (open.some((run) => run.status === 'running')) return null
      const run = await runs.start(id, workerId)
      return run && { run, task: toTask(row) }
    })

  const dueIds = async (): Promise<string[]> => {
    const rows = await db.kysely
      .selectFrom('tasks')
      .select('id')
      .where('next_run_at', '<=', isoTime(clock.now()))
      .orderBy('next_run_at')
      .limit(DUE_AT_ONCE_MAX)
      .execute()
    return rows.map(({ id }) => id)
  }

  const requestedIds = async (): Promise<string[]> => {
    const rows = await db.kysely
      .selectFrom('tasks')
      .select('id')
      .where('run_requested_at', 'is not', null)
      .orderBy('run_requested_at')
      .execute()
    return rows.map(({ id }) => id)
  }

  return {
    /** Does all that can be done now. Returns when the next fire is due; null when none is to come. */
    async step(): Promise<Date | null> {
      if (stopping) return null
      const allPaused = await createPauseAll(createSettings(db, clock), clock).get()
      for (const id of await dueIds()) await fire(id, allPaused)
      for (const id of await requestedIds()) await runAsAsked(id)
      await startQueued()
      const next = await db.kysely
        .selectFrom('tasks')
        .select((eb) => eb.fn.min('next_run_at').as('at'))
        .where('next_run_at', 'is not', null)
        .executeTakeFirst()
      return next?.at ? new Date(next.at) : null
    },

    /** Says that the runs in flight live. Call it every RUN_BEAT_MS. */
    beat: () => runs.beat(workerId, inFlight.ids()),

    inFlightCount: () => inFlight.count(),

    /** Resolves when no run is in flight. */
    idle: () => inFlight.idle(),

    /**
     * Fires nothing more, gives the runs in flight `graceMs`, then ends them, by force after
     * `killAfterMs`: their outcome is `interrupted`.
     */
    async stop({ graceMs, killAfterMs }: { graceMs: number; killAfterMs: number }): Promise<void> {
      stopping = true
      const over = new AbortController()
      const idle = inFlight.idle().then(() => over.abort())
      if (graceMs > 0) await clock.sleep(graceMs, over.signal)
      if (inFlight.count() > 0) log.warn({ count: inFlight.count() }, 'ending what still runs')
      inFlight.abort('The scheduler was stopped')
      if (killAfterMs > 0) await clock.sleep(killAfterMs, over.signal)
      inFlight.kill()
      await idle
    },

    /** Leaves nothing behind when the process must end this instant. */
    kill: () => inFlight.kill(),
  }
}

export type Scheduler = ReturnType<typeof createScheduler>

/** The fires that are due by now, oldest first, and the one that comes after them. */
const dueFires = (task: Task, dueAt: Date, now: Date) => {
  const jitterMs = jitterOf(task)
  const first = new Date(dueAt.getTime() - jitterMs)
  const until = new Date(now.getTime() - jitterMs)
  const { newest, count } = slotsUntil(task, first, until, CATCH_UP_MAX + 1)
  const last = newest.at(-1) ?? first
  return { newest, count, first, last, next: nextSlot(task, last) }
}

const pauseCause = (
  row: Pick<TaskRow, 'paused_at' | 'paused_by' | 'paused_reason'>,
  allPaused: Pause | null,
): string | null => {
  if (allPaused) return `All tasks are paused by ${allPaused.by}: ${allPaused.reason}`
  return row.paused_at ? `Paused by ${row.paused_by}: ${row.paused_reason}` : null
}
