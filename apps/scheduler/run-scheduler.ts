import type { Bell } from '@mc/core/bell.ts'
import { watchForChanges } from '@mc/core/edited-file/watch.ts'
import { KILL_AFTER_MS } from '@mc/core/runs/run-command.ts'
import { RUN_BEAT_MS } from '@mc/core/runs/runs.ts'
import { createOutcomes } from './outcomes.ts'
import { createReaper } from './reap.ts'
import { createScheduler, LOOK_MS, type Scheduler, type SchedulerDeps } from './scheduler.ts'
import { createTasksKeeper } from './tasks-keeper.ts'

export type RunSchedulerDeps = SchedulerDeps & {
  bell: Bell
  tasksFile: { path: string; name: string }
  /** Told of the scheduler once it stands, for the heartbeat. */
  onReady?: (scheduler: Scheduler) => void
  /** What runs in flight are given at the end; the tests shorten it. */
  stopGraceMs?: number
}

const AFTER_ERROR_MS = 1_000
/** What is due but in another scheduler's hands is looked at again after this. */
const SHORTEST_MS = 5
const STOP_GRACE_MS = 20_000
/** Between TERM and KILL when the scheduler itself was asked to end. */
const STOP_KILL_MS = 2_000

/** The scheduler from its first look at the tasks file until the signal aborts and its runs have ended. */
export const runScheduler = async (deps: RunSchedulerDeps, signal: AbortSignal): Promise<void> => {
  const { db, clock, log, bell, tasksFile } = deps
  const keeper = createTasksKeeper({ ...deps, ...tasksFile })
  const scheduler = createScheduler(deps)
  const reaper = createReaper({
    ...deps,
    outcomes: createOutcomes(db, clock, deps.config),
    hasInHand: scheduler.hasInHand,
    adopt: scheduler.adopt,
  })
  const kill = () => scheduler.kill()
  process.once('exit', kill)
  await keeper.load()
  const reload = () =>
    void keeper.load().catch((err) => log.error({ err }, 'the tasks file could not be loaded'))
  watchForChanges(tasksFile.path, reload, { clock, log }, signal)
  deps.onReady?.(scheduler)

  /** Keeps our leases, and looks for those that nobody keeps. */
  const keepLeases = async () => {
    while (!signal.aborted) {
      await trying(async () => {
        await scheduler.beat()
        await reaper.reap(deps.killAfterMs ?? KILL_AFTER_MS, signal)
      })
      await clock.sleep(RUN_BEAT_MS, signal)
    }
  }

  /**
   * ONE timer, for the next due moment; the bell cuts it short. A clock that was set, a machine that
   * slept or a ring that was missed costs at most LOOK_MS.
   */
  const fire = async () => {
    let awake = new AbortController()
    const wake = () => awake.abort()
    const unlisten = bell.listen(wake)
    signal.addEventListener('abort', wake)
    while (!signal.aborted) {
      // Made before the step, so that a ring during it is not lost.
      awake = new AbortController()
      const next = await trying(() => scheduler.step())
      const waitMs =
        next === failed ? AFTER_ERROR_MS : next ? next.getTime() - clock.now().getTime() : LOOK_MS
      // A failed step waits its time out: the bell may ring because of the very same trouble.
      await clock.sleep(
        Math.min(Math.max(waitMs, SHORTEST_MS), LOOK_MS),
        next === failed ? signal : awake.signal,
      )
    }
    unlisten()
  }

  const trying = async <T>(work: () => Promise<T>): Promise<T | typeof failed> => {
    try {
      return await work()
    } catch (err) {
      // A database that is away for a moment must not end the scheduler.
      log.error({ err }, 'the scheduler could not do its work; it tries again')
      return failed
    }
  }

  const leases = keepLeases()
  await fire()
  await scheduler.stop({
    graceMs: deps.stopGraceMs ?? STOP_GRACE_MS,
    killAfterMs: STOP_KILL_MS,
  })
  await leases
  process.off('exit', kill)
}

const failed = Symbol('failed')
