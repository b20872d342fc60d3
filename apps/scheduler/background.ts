import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Log } from '@mc/core/log.ts'
import { createPrograms, type Program } from '@mc/core/runs/background-program.ts'
import { createStreamsCapture } from '@mc/core/runs/capture.ts'
import { groupWith, signalGroup } from '@mc/core/runs/process.ts'
import { isOpenRun, type Run } from '@mc/core/runs/run.ts'
import { DRAIN_MS, KILL_AFTER_MS } from '@mc/core/runs/run-command.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { stopCause } from '@mc/core/runs/stop.ts'
import { type Pause, type Task, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from './attempt.ts'
import { pauseCause } from './fire.ts'
import { judgeProgram } from './judge-program.ts'
import type { Outcomes } from './outcomes.ts'
import { prepare } from './prepare.ts'
import type { RunTaskDeps } from './run-task.ts'
import { lockTask } from './statements.ts'
import { Stopped, whyEnded } from './stopped.ts'

type Watched = {
  run: Run
  task: Task
  /** What its program was started from; empty when that is not known. */
  definition: string
  ending: AbortController
}

/** How often the process of a program that is not our child is looked at. */
const LOOK_MS = 1_000
const SIGN_LOOK_MS_MAX = 5_000
const AGAIN_MS = 2_000

/**
 * Programs that are to keep running. They outlive the scheduler: the next one finds them by pid and
 * start time and watches on. One ends by itself, by silence, or because the tasks file or a person
 * says so; its outcome says which, and the due table when it is started again.
 */
export const createBackground = (
  deps: RunTaskDeps & { db: Database; log: Log; workerId: string },
  runs: Runs,
  outcomes: Outcomes,
) => {
  const { db, clock, log, env, root, workerId } = deps
  const killAfterMs = deps.killAfterMs ?? KILL_AFTER_MS
  const programs = createPrograms(join(env.MC_DATA_DIR ?? join(root, 'data'), 'background'))
  const watched = new Map<string, Watched>()
  const releasing = new AbortController()

  const launch = ({ run, task }: { run: Run; task: Task }): void => {
    const definition = definitionOf(task)
    const flight: Watched = { run, task, definition, ending: new AbortController() }
    keep(flight, async () => {
      const prepared = prepare({ env, root }, task, factsOf(run))
      const { command, cwd, problem } = prepared
      await runs.note(run.id, { attempts: 1, command, cwd })
      if (problem !== null) return end(flight, couldNotStart(problem))
      let program: Awaited<ReturnType<typeof programs.start>>
      try {
        const argv = task.command
        program = await programs.start(run.id, { argv, cwd, env: prepared.env }, definition)
      } catch (error) {
        return end(flight, couldNotStart(`Could not start it: ${(error as Error).message}`))
      }
      await runs.note(run.id, { pid: program.pid, processStarted: program.started })
      log.info({ task: task.id, run: run.id, pid: program.pid }, 'background program started')
      await watch(flight, program, program.exited)
    })
  }

  /** `gone`: its end is told here. `taken`: another scheduler has it. */
  const adopt = async (run: Run, task: Task): Promise<'adopted' | 'taken' | 'gone'> => {
    const program = await findProgram(run)
    const adopted = await runs.adopt(run, workerId)
    if (!adopted) return 'taken'
    const definition = program?.definition ?? ''
    const flight: Watched = { run: adopted, task, definition, ending: new AbortController() }
    const { signal } = flight.ending
    // Also what was said while no scheduler was there: by the next step its end may be told.
    if (adopted.cancelAskedAt !== null)
      flight.ending.abort(new Stopped(stopCause(adopted.cancelAskedBy, true)))
    const alive = program !== null && (await programs.isAlive(program))
    keep(flight, () =>
      program
        ? watch(flight, program, untilGone(program))
        : end(
            flight,
            attempt(
              whyEnded(signal.aborted ? signal.reason : 'The scheduler died while it started it'),
            ),
          ),
    )
    if (alive)
      log.info({ task: task.id, run: run.id, pid: program.pid }, 'background program adopted')
    return alive ? 'adopted' : 'gone'
  }

  /** By its own file, by the row of its run, or by what was put into its environment. */
  const findProgram = async ({ id, pid, processStarted }: Run): Promise<Program | null> => {
    const found = await programs.find(id)
    if (found) return found
    if (pid !== null && processStarted !== null)
      return { pid, started: processStarted, definition: '' }
    const group = await groupWith('MC_RUN', id)
    return group && { ...group, definition: '' }
  }

  const keep = (flight: Watched, work: () => Promise<unknown>): void => {
    watched.set(flight.run.id, flight)
    work()
      .catch((err) => log.error({ err, run: flight.run.id }, 'background program not watched'))
      .finally(() => watched.delete(flight.run.id))
  }

  const untilGone = async (program: Program): Promise<void> => {
    while (!releasing.signal.aborted && (await programs.isAlive(program)))
      await clock.sleep(LOOK_MS, releasing.signal)
  }

  /** From now to its end, or until the scheduler leaves. */
  const watch = async (flight: Watched, program: Program, gone: Promise<void>): Promise<void> => {
    const { run, ending } = flight
    const { secrets, redact } = prepare({ env, root }, flight.task, factsOf(run))
    const said = createStreamsCapture()
    const runLog = deps.logs?.open(run.id, { secrets })
    const signs = { outputAt: clock.now().getTime(), touchedAt: clock.now().getTime() }
    const reader = programs.read(run.id, (text, stream) => {
      signs.outputAt = clock.now().getTime()
      said.add(text, stream)
      runLog?.write(text, stream)
    })
    const over = new AbortController()
    let silence: string | null = null
    const endProgram = () => void terminate(program, over.signal)
    ending.signal.addEventListener('abort', endProgram, { once: true })
    if (ending.signal.aborted) endProgram()
    const listening = listen(flight, signs, over.signal, (cause) => {
      silence = cause
      endProgram()
    })
    const released = new Promise<void>((resolve) => {
      if (releasing.signal.aborted) resolve()
      releasing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([gone, released])
    const left = releasing.signal.aborted && (await programs.isAlive(program))
    over.abort()
    ending.signal.removeEventListener('abort', endProgram)
    await listening
    if (!left) await clock.sleep(DRAIN_MS, reader.closed)
    reader.close()
    runLog?.end()
    if (left) return
    // What it left in its group would be in the way of its successor.
    signalGroup(program.pid, 'SIGKILL')
    const ended = silence
      ? ({ status: 'stuck', cause: silence } as const)
      : ending.signal.aborted
        ? whyEnded(ending.signal.reason)
        : null
    const known = await programs.endOf(run.id)
    const isTold = await end(flight, judgeProgram(flight.task, known, said.read(redact), ended))
    // Else the next scheduler finds how it ended.
    if (isTold) await programs.forget(run.id)
  }

  /** TERM to its group, and KILL to what is left of it. */
  const terminate = async (program: Program, over: AbortSignal): Promise<void> => {
    if (!(await programs.isAlive(program))) return
    signalGroup(program.pid, 'SIGTERM')
    await clock.sleep(killAfterMs, over)
    if (!over.aborted && (await programs.isAlive(program))) signalGroup(program.pid, 'SIGKILL')
  }

  /** Calls `onSilence` once when no sign of life came for too long. */
  const listen = async (
    flight: Watched,
    signs: { outputAt: number; touchedAt: number },
    over: AbortSignal,
    onSilence: (cause: string) => void,
  ): Promise<void> => {
    let touched = await programs.touchedAt(flight.run.id)
    while (!over.aborted) {
      const { beatMs, noOutputMs } = flight.task
      const limitMs = Math.min(beatMs ?? Infinity, noOutputMs ?? Infinity)
      await clock.sleep(Math.min(SIGN_LOOK_MS_MAX, Math.max(50, limitMs / 4)), over)
      if (over.aborted) return
      const now = clock.now().getTime()
      const touchedNow = await programs.touchedAt(flight.run.id)
      if (touchedNow !== touched) signs.touchedAt = now
      touched = touchedNow
      // A clock that was set back must not make it look silent for ever, nor alive for ever.
      signs.outputAt = Math.min(signs.outputAt, now)
      signs.touchedAt = Math.min(signs.touchedAt, now)
      if (beatMs !== null && now - Math.max(signs.outputAt, signs.touchedAt) > beatMs)
        return onSilence(`Gave no sign of life for ${beatMs / 1_000} s and was ended`)
      if (noOutputMs !== null && now - signs.outputAt > noOutputMs)
        return onSilence(`Said nothing for ${noOutputMs / 1_000} s and was ended`)
    }
  }

  /** The outcome must not be lost to a database that is away for a moment. */
  const end = async (
    { run, task }: Watched,
    result: ReturnType<typeof attempt>,
  ): Promise<boolean> => {
    const began = run.startedAt ? Date.parse(run.startedAt) : clock.now().getTime()
    const durationMs = Math.max(0, clock.now().getTime() - began)
    while (!releasing.signal.aborted)
      try {
        await outcomes.end(run, task, { ...result, tries: 1, durationMs })
        log.info({ task: task.id, run: run.id, status: result.status }, 'background program ended')
        return true
      } catch (err) {
        log.error({ err, run: run.id }, 'outcome not stored')
        await clock.sleep(AGAIN_MS, releasing.signal)
      }
    return false
  }

  return {
    launch,
    adopt,
    ids: (): string[] => [...watched.keys()],

    /** Ends what should not run any more, and what the tasks file now says otherwise. */
    async tend(allPaused: Pause | null): Promise<void> {
      for (const flight of watched.values()) {
        const { run, task, definition, ending } = flight
        if (ending.signal.aborted) continue
        const [row] = await db
          .statement<TaskRow>('tasks.lock', lockTask(db.dialect))
          .all({ id: task.id })
        const cause = row ? endCause(row, definition, allPaused) : 'The task left the tasks file'
        if (cause !== null) ending.abort(cause)
        else if (row) flight.task = toTask(row)
        const now = await runs.find(run.id)
        // Somebody else thought us dead and told its end: then it must not go on untold.
        if (now && !isOpenRun(now.status) && cause === null)
          ending.abort('Its run was ended elsewhere')
      }
    },

    /** Ends one because a person said so. Nothing happens when it is not in hand. */
    stop: (runId: string, cause: string): void =>
      watched.get(runId)?.ending.abort(new Stopped(cause)),

    /** Stops watching; the programs live on. */
    release: (): void => releasing.abort(),
  }
}

export type Background = ReturnType<typeof createBackground>

const factsOf = (run: Run) => ({ runId: run.id, slot: run.slot ? new Date(run.slot) : null })

const couldNotStart = (cause: string) => attempt({ status: 'could_not_start', cause, line: cause })

/** What makes it another program. */
const definitionOf = ({ command, cwd, env }: Task): string =>
  createHash('sha256')
    .update(JSON.stringify([command, cwd, env]))
    .digest('hex')

/** Why it should not run on as it does; null when it should. */
const endCause = (row: TaskRow, definition: string, allPaused: Pause | null): string | null => {
  const task = toTask(row)
  if (row.present !== 1) return 'The task left the tasks file'
  if (!task.enabled) return 'The task is disabled in the tasks file'
  if (task.kind !== 'background') return 'The task is of another kind now'
  // One that is started by a calendar ends when it has done its work.
  if (task.cron !== '') return null
  const paused = pauseCause(row, allPaused)
  if (paused !== null) return paused
  return definition !== '' && definition !== definitionOf(task) ? 'The tasks file changed it' : null
}
