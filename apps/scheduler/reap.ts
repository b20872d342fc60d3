import { hostname } from 'node:os'
import type { Clock } from '@mc/core/clock.ts'
import type { Log } from '@mc/core/log.ts'
import { groupWith, isAlive, processStarted, signalGroup } from '@mc/core/runs/process.ts'
import { type Run, toRun } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { stopCause } from '@mc/core/runs/stop.ts'
import { type Task, toTask } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from './attempt.ts'
import type { Outcomes } from './outcomes.ts'

export type ReaperDeps = {
  db: Database
  clock: Clock
  log: Log
  outcomes: Outcomes
  workerId: string
  /** Whether we have this run in hand: then it lives, whatever its lease looks like. */
  hasInHand?: (runId: string) => boolean
  /** Takes over a background program of this machine, with its outcome if it has ended. */
  adopt?: (run: Run, task: Task) => Promise<'adopted' | 'taken' | 'gone'>
}

const LOOK_MS = 500

/**
 * Ends what a dead scheduler left running: its outcome is `interrupted`, posted once by whoever
 * finds it. On this machine a dead pid is proof; elsewhere the lease must have expired. What the
 * dead one's program left behind is ended too, if the kernel says it is still the same process.
 */
export const createReaper = (deps: ReaperDeps) => {
  const { db, clock, log, outcomes, workerId, hasInHand = () => false } = deps
  const orphaned = async (): Promise<Run[]> => {
    // Our own may look stale when the machine slept: those in hand live. Any other of ours was
    // begun in a transaction whose commit we never heard of.
    const stale = (await createRuns(db, clock).stale()).filter(
      (run) => run.taskId !== null && !hasInHand(run.id),
    )
    const others = await db.kysely
      .selectFrom('runs')
      .innerJoin('workers', 'workers.id', 'runs.worker_id')
      .selectAll('runs')
      .select('workers.pid as worker_pid')
      .where('runs.status', '=', 'running')
      .where('runs.task_id', 'is not', null)
      .where('runs.worker_id', '<>', workerId)
      .where('workers.host', '=', hostname())
      .execute()
    const dead = others.filter(({ worker_pid: pid }) => pid === process.pid || !isAlive(pid))
    const all = [...stale, ...dead.map(toRun)]
    return [...new Map(all.map((run) => [run.id, run])).values()]
  }

  /** What it started, if the kernel says that it is still the same; else null. */
  const programOf = async ({ id, pid, processStarted: started }: Run) => {
    // Its scheduler may have died before it could note the pid.
    if (pid === null || started === null) return groupWith('MC_RUN', id)
    return (await processStarted(pid)) === started ? { pid, started } : null
  }

  const endProgram = async (run: Run, killAfterMs: number, signal: AbortSignal): Promise<void> => {
    const program = await programOf(run)
    if (!program) return
    const { pid, started } = program
    const isSame = async () => started === (await processStarted(pid))
    log.warn({ run: run.id, pid }, 'ending what a dead scheduler left running')
    signalGroup(pid, 'SIGTERM')
    const until = performance.now() + killAfterMs
    while (performance.now() < until && !signal.aborted && (await isSame()))
      await clock.sleep(LOOK_MS, signal)
    if (await isSame()) signalGroup(pid, 'SIGKILL')
  }

  /** A pid says nothing about a process of another machine. */
  const isOurs = async (run: Run): Promise<boolean> => {
    const worker = await db.kysely
      .selectFrom('workers')
      .select('host')
      .where('id', '=', run.workerId ?? '')
      .executeTakeFirst()
    return worker?.host === hostname()
  }

  const endRun = async (
    run: Run,
    killAfterMs: number,
    signal: AbortSignal,
  ): Promise<Run | null> => {
    const row = await db.kysely
      .selectFrom('tasks')
      .select('definition')
      .where('id', '=', run.taskId ?? '')
      .executeTakeFirst()
    if (!row) return null
    if (await isOurs(run)) {
      if (toTask(row).kind === 'background' && deps.adopt)
        return (await deps.adopt(run, toTask(row))) === 'gone' ? run : null
      await endProgram(run, killAfterMs, signal)
    }
    const ended = await outcomes.end(run, toTask(row), {
      // Somebody wanted it to end, and it has.
      ...attempt(
        run.cancelAskedAt === null
          ? { status: 'interrupted', cause: 'The scheduler died while it ran' }
          : { status: 'cancelled', cause: stopCause(run.cancelAskedBy, true) },
      ),
      tries: run.attempts,
      durationMs: run.startedAt
        ? Math.max(0, clock.now().getTime() - new Date(run.startedAt).getTime())
        : 0,
    })
    if (ended)
      log.warn({ run: run.id, task: run.taskId, workerId: run.workerId }, 'run was interrupted')
    return ended
  }

  return {
    /** The runs that have ended. */
    async reap(killAfterMs: number, signal: AbortSignal): Promise<Run[]> {
      const orphans = await orphaned()
      // Side by side: a deaf program must not hold up our own beat for each of them.
      const ended = await Promise.all(orphans.map((run) => endRun(run, killAfterMs, signal)))
      return ended.filter((run) => run !== null)
    },
  }
}

export type Reaper = ReturnType<typeof createReaper>
