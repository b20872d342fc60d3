import type { Clock } from '@mc/core/clock.ts'
import type { Log } from '@mc/core/log.ts'
import { processStarted, signalGroup } from '@mc/core/runs/process.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { nextSlot } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { attempt } from './attempt.ts'
import type { Ending, Outcomes } from './outcomes.ts'
import { type RunTaskDeps, runTask } from './run-task.ts'
import { Stopped, whyEnded } from './stopped.ts'

export type Started = { run: Run; task: Task }

type Flight = Started & { abort: AbortController; pid: number | null; done: Promise<void> }

const RETRY_END_MS = 2_000

/** The runs that this process has in hand, from their begin in the database to their outcome there. */
export const createInFlight = (
  deps: RunTaskDeps & { clock: Clock; log: Log; execute?: typeof runTask },
  runs: Runs,
  outcomes: Outcomes,
) => {
  const { clock, log, execute: perform = runTask } = deps
  const flights = new Map<string, Flight>()
  let givingUp = false

  /** Kept beside the run; a run is not to fail for want of it. */
  const note = (run: Run, facts: Parameters<Runs['note']>[1]) => {
    runs.note(run.id, facts).catch((err) => log.warn({ err, run: run.id }, 'facts not kept'))
  }

  const attempts = async ({ run, task }: Started, signal: AbortSignal) =>
    perform(
      deps,
      task,
      {
        runId: run.id,
        slot: run.slot ? new Date(run.slot) : null,
        until: nextSlot(task, clock.now()),
      },
      signal,
      {
        onTry: ({ number, command, cwd }) =>
          note(run, { attempts: number, command, ...(cwd === null ? {} : { cwd }) }),
        onStart: ({ pid }) => {
          const flight = flights.get(run.id)
          if (flight) flight.pid = pid
          processStarted(pid)
            .then((started) => note(run, { pid, processStarted: started }))
            .catch((err) => log.warn({ err, run: run.id }, 'facts not kept'))
        },
      },
    )

  const execute = async (started: Started, signal: AbortSignal): Promise<Ending> => {
    const began = performance.now()
    const result = await attempts(started, signal).catch((err) => {
      log.error({ err, task: started.task.id }, 'run failed unexpectedly')
      const cause = `Mission Control could not run it: ${(err as Error).message}`
      return { ...attempt({ status: 'could_not_start', cause, line: cause }), tries: 1 }
    })
    const durationMs = performance.now() - began
    return result.status === 'interrupted'
      ? { ...result, ...whyEnded(signal.reason), durationMs }
      : { ...result, durationMs }
  }

  /** The outcome must not be lost to a database that is away for a moment. */
  const end = async ({ run, task }: Started, ending: Ending): Promise<void> => {
    for (;;)
      try {
        await outcomes.end(run, task, ending)
        const tookMs = Math.round(ending.durationMs)
        log.info({ task: task.id, run: run.id, status: ending.status, tookMs }, 'run ended')
        return
      } catch (err) {
        log.error({ err, run: run.id }, 'outcome not stored')
        // Whoever finds the lease expired posts `interrupted`.
        if (givingUp) return
        await clock.sleep(RETRY_END_MS)
      }
  }

  return {
    launch(started: Started): void {
      const { run, task } = started
      const abort = new AbortController()
      const done = execute(started, abort.signal)
        .then((ending) => end(started, ending))
        .finally(() => flights.delete(run.id))
      flights.set(run.id, { ...started, abort, pid: null, done })
      const { id, trigger, slot } = run
      log.info({ task: task.id, run: id, trigger, slot }, 'run began')
    },

    ids: (): string[] => [...flights.keys()],
    has: (taskId: string): boolean => [...flights.values()].some(({ task }) => task.id === taskId),
    count: (): number => flights.size,
    countOf: (trigger: Run['trigger']): number =>
      [...flights.values()].filter(({ run }) => run.trigger === trigger).length,

    /** Ends the runs of one task, or all; `reason` becomes their cause. */
    abort(reason: string, taskId?: string): void {
      if (taskId === undefined) givingUp = true
      for (const { task, abort } of flights.values())
        if (taskId === undefined || task.id === taskId) abort.abort(reason)
    },

    /** Ends one run because a person said so. Nothing happens when it is not in hand. */
    stop: (runId: string, cause: string): void =>
      flights.get(runId)?.abort.abort(new Stopped(cause)),

    /** Kills what their programs have left, at once. */
    kill(): void {
      for (const { pid } of flights.values()) if (pid !== null) signalGroup(pid, 'SIGKILL')
    },

    /** Resolves when none is left. */
    async idle(): Promise<void> {
      while (flights.size > 0) await Promise.all([...flights.values()].map(({ done }) => done))
    },
  }
}

export type InFlight = ReturnType<typeof createInFlight>
