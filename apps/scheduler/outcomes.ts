import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { ItemKind } from '@mc/core/inbox/item.ts'
import { authFingerprint, fingerprintOf } from '@mc/core/runs/fingerprint.ts'
import type { Run, RunEnd } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { type Task, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import type { Attempt } from './attempt.ts'
import { count, quickEndsOf } from './counters.ts'
import { type Outcome, tellingOf } from './outcome.ts'
import { restartDelay } from './restart.ts'
import { lockTask } from './statements.ts'
import { tellOutcome } from './tell-outcome.ts'
import { createTogether } from './together.ts'

export type Ending = Attempt & { tries: number; durationMs: number }
export type Fires = { count: number; first: Date; last: Date }

/** Every third fire that finds the one before still running is a failure. */
const STUCK_AFTER_SKIPS = 3
const NOBODY = 'Nobody was there to fire it: the scheduler or the machine was down'
/** A program that should run all the time but may not just now is asked about again after this. */
const PASSED_AGAIN_MS = 5_000

/**
 * How fires end: the run's end, the task's counters, the inbox row, and what the scheduler tells
 * by itself, in one transaction. Give it a transaction to join one.
 */
export const createOutcomes = (
  db: Database,
  clock: Clock,
  { switches, triage }: Pick<Config, 'switches' | 'triage'>,
) => {
  const together = createTogether(db)
  return {
    /**
     * Ends a run. Null when it had ended already: then nothing is told a second time. The ends of
     * one event-loop turn share a commit.
     */
    end: (run: Run, task: Task, ending: Ending): Promise<Run | null> =>
      together(task.id, async (tx) => {
        const row = await rowOf(tx, task.id)
        const fingerprint = fingerprintFor(task, ending)
        const ended = await createRuns(tx, clock).end(run.id, {
          status: ending.status,
          exitCode: ending.exitCode,
          signal: ending.signal,
          cause: ending.cause,
          fingerprint,
          output: ending.output,
          ...(ending.droppedBytes === null ? {} : { outputDroppedBytes: ending.droppedBytes }),
          attempts: ending.tries,
          durationMs: ending.durationMs,
        })
        if (!ended) return null
        await tell(tx, task, row, {
          kind: ending.status === 'cancelled' ? 'note' : ending.status,
          status: ending.status,
          cause: ending.cause,
          fingerprint,
          run: ended,
          output: ending.output,
          fires: null,
        })
        if (task.kind === 'background') await startAgain(tx, row, ended)
        return ended
      }),

    /** A run that waited for its turn and will not begin. Null when it did, or ended already. */
    pass: (id: string, task: Task, status: 'missed' | 'skipped', cause: string) =>
      together(task.id, async (tx) => {
        const row = await rowOf(tx, task.id)
        const fingerprint = status === 'missed' ? plainFingerprint(task, 'missed') : null
        const run = await createRuns(tx, clock).end(id, { status, cause, fingerprint })
        if (!run) return null
        const slot = run.slot ? new Date(run.slot) : clock.now()
        const fires = { count: 1, first: slot, last: slot }
        await tell(tx, task, row, {
          kind: status,
          status,
          cause,
          fingerprint,
          run,
          output: '',
          fires,
        })
        if (task.kind === 'background' && task.cron === '') await dueAgain(tx, row, PASSED_AGAIN_MS)
        return run
      }),

    /** Fires that nobody was there for: one outcome, however many. */
    missed: (task: Task, fires: Fires, cause: string = NOBODY): Promise<Run | null> =>
      together(task.id, async (tx) => {
        const row = await rowOf(tx, task.id)
        const fingerprint = plainFingerprint(task, 'missed')
        const run = await passOver(tx, task, 'missed', cause, fires, fingerprint)
        if (run)
          await tell(tx, task, row, {
            kind: 'missed',
            status: 'missed',
            cause,
            fingerprint,
            run,
            output: '',
            fires,
          })
        return run
      }),

    /** A fire that found the one before still open; every third in a row is a failure. */
    skipped: (task: Task, slot: Date, cause: string): Promise<Run | null> =>
      together(task.id, async (tx) => {
        const row = await rowOf(tx, task.id)
        const fires = { count: 1, first: slot, last: slot }
        const skips = row.consecutive_skips + 1
        const stuck = skips % STUCK_AFTER_SKIPS === 0
        const status = stuck ? 'stuck' : 'skipped'
        const told = stuck ? `${skips} fires in a row were passed over. ${cause}` : cause
        const fingerprint = stuck ? plainFingerprint(task, 'stuck') : null
        const run = await passOver(tx, task, status, told, fires, fingerprint)
        if (!run) return null
        await tx.kysely
          .updateTable('tasks')
          .set({ consecutive_skips: skips })
          .where('id', '=', task.id)
          .execute()
        await tell(tx, task, row, {
          kind: status,
          status,
          cause: told,
          fingerprint,
          run,
          output: '',
          fires,
        })
        return run
      }),

    /**
     * Fires that were not to run, by a pause or because the program lives: recorded, told to
     * nobody. One run stands for all of the same cause in a row.
     */
    passedOver: (task: Task, fires: Fires, cause: string): Promise<void> =>
      together(task.id, async (tx) => {
        const last = await tx.kysely
          .selectFrom('runs')
          .selectAll()
          .where('task_id', '=', task.id)
          .where('slot', 'is not', null)
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (last?.status === 'skipped' && last.cause === cause && last.first_slot !== null)
          await tx.kysely
            .updateTable('runs')
            .set({
              slot: isoTime(fires.last),
              slots: last.slots + fires.count,
              ended_at: isoTime(clock.now()),
            })
            .where('id', '=', last.id)
            .execute()
        else await passOver(tx, task, 'skipped', cause, fires)
      }),
  }

  async function startAgain(tx: Database, row: TaskRow, ended: Run): Promise<void> {
    const delayMs = restartDelay(toTask(row), ended.status as RunEnd, await quickEndsOf(tx, row.id))
    if (delayMs !== null) await dueAgain(tx, row, delayMs)
  }

  /** The due table says when its program is started again. */
  async function dueAgain(tx: Database, row: TaskRow, delayMs: number): Promise<void> {
    const task = toTask(row)
    if (row.present !== 1 || !task.enabled || task.kind !== 'background') return
    const at = isoTime(new Date(clock.now().getTime() + delayMs))
    await tx.kysely
      .updateTable('tasks')
      .set({ next_run_at: at })
      .where('id', '=', task.id)
      .where((eb) => eb.or([eb('next_run_at', 'is', null), eb('next_run_at', '>', at)]))
      .execute()
  }

  function passOver(
    tx: Database,
    task: Task,
    status: 'missed' | 'skipped' | 'stuck',
    cause: string,
    fires: Fires,
    fingerprint: string | null = null,
  ): Promise<Run | null> {
    return createRuns(tx, clock).passOver({
      taskId: task.id,
      status,
      cause,
      firstSlot: fires.first,
      slot: fires.last,
      slots: fires.count,
      fingerprint,
    })
  }

  async function tell(tx: Database, task: Task, row: TaskRow, ended: Ended): Promise<void> {
    const counted = await count(tx, row, {
      kind: ended.kind,
      begun: ended.run.startedAt !== null,
      fingerprint: ended.fingerprint,
      at: ended.run.endedAt ?? isoTime(clock.now()),
    })
    const outcome: Outcome = {
      kind: ended.kind,
      status: ended.status,
      cause: ended.cause,
      fingerprint: ended.fingerprint,
      runId: ended.run.id,
      exitCode: ended.run.exitCode,
      durationMs: ended.run.durationMs,
      output: ended.output,
      fires: ended.fires && {
        count: ended.fires.count,
        first: isoTime(ended.fires.first),
        last: isoTime(ended.fires.last),
      },
      ...counted,
    }
    const mode = await readSwitch(createSettings(tx, clock), switches, 'scheduler')
    await tellOutcome(tx, clock, { task, outcome, telling: tellingOf(mode, outcome), triage })
  }
}

export type Outcomes = ReturnType<typeof createOutcomes>

type Ended = {
  kind: ItemKind
  status: string
  cause: string | null
  fingerprint: string | null
  run: Run
  output: string
  fires: Fires | null
}

/** Two runs of one task may end at once; each counts on what the other left. */
const rowOf = async (tx: Database, id: string): Promise<TaskRow> => {
  const [row] = await tx.statement<TaskRow>('tasks.lock', lockTask(tx.dialect)).all({ id })
  if (!row) throw new Error(`Expected the task "${id}" in the table, found none`)
  return row
}

const plainFingerprint = (task: Task, cause: string): string =>
  fingerprintOf({ task: task.id, cause, code: null, line: null })

const fingerprintFor = (task: Task, ending: Ending): string | null => {
  if (ending.status === 'ok' || ending.status === 'cancelled') return null
  if (ending.status === 'auth') return authFingerprint(task)
  if (ending.status === 'interrupted') return plainFingerprint(task, 'interrupted')
  return (
    task.fingerprint ??
    fingerprintOf({ task: task.id, cause: ending.status, code: ending.code, line: ending.line })
  )
}
