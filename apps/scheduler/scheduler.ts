import { isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import { type Run, type RunRow, toRun } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { toStop } from '@mc/core/runs/statements.ts'
import { stopCause } from '@mc/core/runs/stop.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readLimits } from '@mc/core/tasks/limits.ts'
import { createPauseAll } from '@mc/core/tasks/pause-all.ts'
import { type Pause, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from './attempt.ts'
import { type Background, createBackground } from './background.ts'
import { createBackwards } from './backwards.ts'
import { type Begun, beginWaiting } from './begin.ts'
import { type Firing, fireTask } from './fire.ts'
import { createInFlight } from './in-flight.ts'
import { createOutcomes } from './outcomes.ts'
import { takeRequests } from './requests.ts'
import { CATCH_UPS_AT_ONCE_MAX } from './room.ts'
import type { RunTaskDeps, runTask } from './run-task.ts'
import { lockTask, nextDue, takeDue, waitingOnes } from './statements.ts'
import { createWaiting } from './waiting.ts'

export type SchedulerDeps = RunTaskDeps & {
  db: Database
  log: Log
  config: Pick<Config, 'switches' | 'triage'>
  /** Its row in `workers`: the lease of its runs. */
  workerId: string
  /** Over all tasks, unless the tasks file says another number. */
  runsAtOnceMax?: number
  /** What runs a task; the tests and the bench put their own in its place. */
  execute?: typeof runTask
}

/** More programs at once would only slow each other down; the rest waits in the queue. */
const RUNS_AT_ONCE_MAX = 16
const DUE_AT_ONCE_MAX = 200
/** Fires that were missed wait until a booting machine has settled, and for each other. */
export const CATCH_UP_AFTER_BOOT_MS = 30_000
export const CATCH_UP_APART_MS = 5_000
/** What others changed in the queue is looked at so often. */
export const LOOK_MS = 5_000
/** Background programs are looked after at most so often, when something rings. */
const TEND_MS = 500

/**
 * Fires what is due. The due table is the truth: each fire moves it on in the transaction that
 * accounts for its slots, so any number of schedulers share one database and none fires a slot
 * twice. Runs then wait in the queue until there is room.
 */
export const createScheduler = (deps: SchedulerDeps) => {
  const { db, clock, log, workerId, config } = deps
  const outcomes = createOutcomes(db, clock, config)
  const runs = createRuns(db, clock)
  const settings = createSettings(db, clock)
  const inFlight = createInFlight(deps, runs, outcomes)
  const background: Background = createBackground(deps, runs, outcomes)
  const backwards = createBackwards(db, clock, log)
  const waiting = createWaiting()
  const bootAt = clock.now().getTime()
  let lastCatchUpAt = Number.NEGATIVE_INFINITY
  let lastLookAt: number | null = null
  let lastTendAt = Number.NEGATIVE_INFINITY
  let stopping = false

  /** When the next fire that was missed may begin. */
  const catchUpFrom = () =>
    Math.max(bootAt + CATCH_UP_AFTER_BOOT_MS, lastCatchUpAt + CATCH_UP_APART_MS)

  const launch = ({ run, task }: Begun) =>
    task.kind === 'background' ? background.launch({ run, task }) : inFlight.launch({ run, task })

  /** The queue and the programs as the tables have them, in case somebody else changed them. */
  const look = async (): Promise<void> => {
    const now = clock.now().getTime()
    if (lastLookAt !== null && now >= lastLookAt && now < lastLookAt + LOOK_MS) return
    const rows = await db.statement<WaitingRow>('runs.waiting', waitingOnes).all({})
    waiting.replace(rows.map((row) => ({ ...row, queuedAt: row.queued_at, task: toTask(row) })))
    // The fire may have come to another scheduler than the one that has the run in hand.
    for (const { task, trigger } of waiting.heads())
      if (task.overlap === 'replace' && trigger === 'schedule' && inFlight.has(task.id))
        replace(task.id)
    await backwards.look()
    lastLookAt = now
  }

  /** When they are to be looked after next; null when that was done now. */
  const tend = async (allPaused: Pause | null): Promise<number | null> => {
    const now = clock.now().getTime()
    if (background.ids().length === 0) return null
    if (now >= lastTendAt && now < lastTendAt + TEND_MS) return lastTendAt + TEND_MS
    lastTendAt = now
    await background.tend(allPaused)
    return null
  }

  /**
   * What a person said is to stop: what waits ends at once, of what runs that which we have in
   * hand; the rest is another scheduler's, or the reaper's.
   */
  const stopAsked = async (): Promise<void> => {
    const rows = await db.statement<RunRow & { definition: string }>('runs.to_stop', toStop).all({})
    for (const row of rows) {
      const run = toRun(row)
      const cause = stopCause(run.cancelAskedBy, run.status === 'running')
      inFlight.stop(run.id, cause)
      background.stop(run.id, cause)
      if (run.status !== 'queued') continue
      const task = toTask(row)
      const ending = { ...attempt({ status: 'cancelled', cause }), tries: 0, durationMs: 0 }
      // One that cannot be ended must not hold up the fires of the others.
      await outcomes
        .end(run, task, ending)
        .catch((err) => log.error({ err, run: run.id }, 'a waiting run could not be cancelled'))
      waiting.remove(task.id, run.id)
    }
  }

  const replace = (taskId: string) => inFlight.abort('Replaced by the next fire', taskId)

  /** One transaction: what is due, what was asked for, and who of the queue may begin. */
  const turn = async (
    allPaused: Pause | null,
    take: (tx: Database) => Promise<TaskRow[]>,
  ): Promise<number> => {
    const work = async (tx: Database) => {
      const firing: Firing = {
        tx,
        clock,
        allPaused,
        runs: createRuns(tx, clock),
        outcomes: createOutcomes(tx, clock, config),
      }
      const rows = await take(tx)
      const replaced: string[] = []
      const queue = ({ run, task }: Begun) => waiting.add({ ...run, task })
      for (const row of rows) {
        const fired = await fireTask(firing, row)
        for (const { taskId, id } of fired.dropped) waiting.remove(taskId, id)
        for (const one of fired.queued) queue(one)
        replaced.push(...fired.replaced)
      }
      for (const one of await takeRequests(firing)) queue(one)
      const { total, tags } = await readLimits(createSettings(tx, clock))
      const { begun, caughtUp } = await beginWaiting(
        {
          ...firing,
          workerId,
          limits: { total: total ?? deps.runsAtOnceMax ?? RUNS_AT_ONCE_MAX, tags },
          mayCatchUp: clock.now().getTime() >= catchUpFrom(),
          known: new Map(rows.map((row) => [row.id, row])),
        },
        waiting,
      )
      return { taken: rows.length, replaced, begun, caughtUp }
    }
    const { taken, replaced, begun, caughtUp } = await db.transaction(work).catch((error) => {
      // What was undone in the tables is undone in our picture of them.
      lastLookAt = null
      throw error
    })
    if (caughtUp) lastCatchUpAt = clock.now().getTime()
    for (const id of replaced) replace(id)
    for (const one of begun) launch(one)
    return taken
  }

  const fireDue = async (allPaused: Pause | null): Promise<void> => {
    const take = (limit: number) => (tx: Database) =>
      tx
        .statement<TaskRow>('tasks.take_due', takeDue(tx.dialect))
        .all({ now: isoTime(clock.now()), limit })
    try {
      while ((await turn(allPaused, take(DUE_AT_ONCE_MAX))) === DUE_AT_ONCE_MAX);
    } catch (err) {
      log.error({ err }, 'fires of one moment could not be made together; each is made by itself')
      await eachByItself(allPaused)
    }
  }

  /** One task with which something is wrong must not hold up the others. */
  const eachByItself = async (allPaused: Pause | null): Promise<void> => {
    const due = await db.kysely
      .selectFrom('tasks')
      .select('id')
      .where('next_run_at', '<=', isoTime(clock.now()))
      .orderBy('next_run_at')
      .execute()
    let failed: unknown = null
    let wentWell = 0
    for (const { id } of due)
      try {
        await turn(allPaused, async (tx) => {
          const rows = await tx.statement<TaskRow>('tasks.lock', lockTask(tx.dialect)).all({ id })
          return rows.filter(({ next_run_at: at }) => at !== null && at <= isoTime(clock.now()))
        })
        wentWell++
      } catch (err) {
        log.error({ err, task: id }, 'task could not be fired')
        failed = err
      }
    if (failed && wentWell === 0) throw failed
  }

  return {
    /** Does all that can be done now. Returns when there is something to do next; null when nothing is to come. */
    async step(): Promise<Date | null> {
      if (stopping) return null
      const allPaused = await createPauseAll(settings, clock).get()
      await look()
      const tendAt = await tend(allPaused)
      const [next] = await db.statement<Next>('tasks.next_due', nextDue).all({})
      if (next?.stopping) await stopAsked()
      const isDue = next?.due != null && next.due <= isoTime(clock.now())
      if (isDue || next?.requested || waiting.count() > 0) await fireDue(allPaused)
      const [after] = await db.statement<Next>('tasks.next_due', nextDue).all({})
      const moments = after?.due ? [Date.parse(after.due)] : []
      if (tendAt !== null) moments.push(tendAt)
      if (waiting.catchUpCount() > 0 && inFlight.countOf('catch_up') < CATCH_UPS_AT_ONCE_MAX)
        moments.push(Math.max(catchUpFrom(), clock.now().getTime() + 1))
      return moments.length > 0 ? new Date(Math.min(...moments)) : null
    },

    /** Says that the runs in flight live. Call it every RUN_BEAT_MS. */
    beat: () => runs.beat(workerId, [...inFlight.ids(), ...background.ids()]),

    /** Takes over a background program that outlived its scheduler; null when it is gone, or not ours. */
    adopt: background.adopt,

    hasInHand: (runId: string) =>
      inFlight.ids().includes(runId) || background.ids().includes(runId),

    inFlightCount: () => inFlight.count(),
    backgroundCount: () => background.ids().length,
    waitingCount: () => waiting.count(),

    /** Resolves when no run that ends by itself is in flight. */
    idle: () => inFlight.idle(),

    /**
     * Fires nothing more, gives the runs in flight `graceMs`, then ends them, by force after
     * `killAfterMs`: their outcome is `interrupted`. Background programs live on; the next
     * scheduler adopts them.
     */
    async stop({ graceMs, killAfterMs }: { graceMs: number; killAfterMs: number }): Promise<void> {
      stopping = true
      background.release()
      const over = new AbortController()
      const idle = inFlight.idle().then(() => over.abort())
      if (graceMs > 0 && inFlight.count() > 0) {
        log.info({ count: inFlight.count(), graceMs }, 'waiting for what still runs')
        await clock.sleep(graceMs, over.signal)
      }
      if (inFlight.count() > 0) log.warn({ count: inFlight.count() }, 'ending what still runs')
      inFlight.abort('The scheduler was stopped')
      if (killAfterMs > 0) await clock.sleep(killAfterMs, over.signal)
      inFlight.kill()
      await idle
    },

    /** Leaves nothing behind that should end by itself when the process must end this instant. */
    kill: () => inFlight.kill(),
  }
}

export type Scheduler = ReturnType<typeof createScheduler>

type Next = { due: string | null; requested: string | null; stopping: string | null }

type WaitingRow = Pick<Run, 'id' | 'seq' | 'trigger' | 'slot'> & {
  queued_at: string
  definition: string
}
