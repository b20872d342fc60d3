import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { ItemKind } from '@mc/core/inbox/item.ts'
import { authFingerprint, fingerprintOf } from '@mc/core/runs/fingerprint.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import type { Task, TaskRow } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Attempt } from './attempt.ts'
import { count } from './counters.ts'
import { type Outcome, tellingOf } from './outcome.ts'
import { tellOutcome } from './tell-outcome.ts'

export type Ending = Attempt & { tries: number; durationMs: number }
export type Fires = { count: number; first: Date; last: Date }

/** Every third fire that finds the one before still running is a failure. */
const STUCK_AFTER_SKIPS = 3

/**
 * How fires end: the run's end, the task's counters, the inbox row, and what the scheduler tells
 * by itself, in one transaction. Give it a transaction to join one.
 */
export const createOutcomes = (
  db: Database,
  clock: Clock,
  { switches, triage }: Pick<Config, 'switches' | 'triage'>,
) => {
  return {
    /** Ends a run. Null when it had ended already: then nothing is told a second time. */
    end: (run: Run, task: Task, ending: Ending): Promise<Run | null> =>
      db.transaction(async (tx) => {
        const row = await lockTask(tx, task.id)
        const fingerprint = fingerprintFor(task, ending)
        const ended = await createRuns(tx, clock).end(run.id, {
          status: ending.status,
          exitCode: ending.exitCode,
          signal: ending.signal,
          cause: ending.cause,
          fingerprint,
          output: ending.output,
          outputDroppedBytes: ending.droppedBytes,
          attempts: ending.tries,
          durationMs: ending.durationMs,
        })
        if (!ended) return null
        await tell(tx, task, row, {
          kind: ending.status,
          status: ending.status,
          cause: ending.cause,
          fingerprint,
          run: ended,
          output: ending.output,
          fires: null,
        })
        return ended
      }),

    /** Fires that nobody was there for: one outcome, however many. */
    missed: (task: Task, fires: Fires): Promise<Run | null> =>
      db.transaction(async (tx) => {
        const row = await lockTask(tx, task.id)
        const cause = 'Nobody was there to fire it: the scheduler or the machine was down'
        const run = await passOver(tx, task, 'missed', cause, fires)
        if (run) {
          const fingerprint = fingerprintOf({
            task: task.id,
            cause: 'missed',
            code: null,
            line: null,
          })
          await tell(tx, task, row, {
            kind: 'missed',
            status: 'missed',
            cause,
            fingerprint,
            run,
            output: '',
            fires,
          })
        }
        return run
      }),

    /** A fire that found the one before still running; every third in a row is a failure. */
    skipped: (task: Task, slot: Date, since: string): Promise<Run | null> =>
      db.transaction(async (tx) => {
        const row = await lockTask(tx, task.id)
        const fires = { count: 1, first: slot, last: slot }
        const cause = `The run of ${since} is still going`
        const skips = row.consecutive_skips + 1
        const stuck = skips % STUCK_AFTER_SKIPS === 0
        const fingerprint = stuck
          ? fingerprintOf({ task: task.id, cause: 'stuck', code: null, line: null })
          : null
        const run = await passOver(tx, task, 'skipped', cause, fires, fingerprint)
        if (!run) return null
        await tx.kysely
          .updateTable('tasks')
          .set({ consecutive_skips: skips })
          .where('id', '=', task.id)
          .execute()
        await tell(tx, task, row, {
          kind: stuck ? 'stuck' : 'skipped',
          status: 'skipped',
          cause: stuck ? `${skips} fires in a row found it still running, since ${since}` : cause,
          fingerprint,
          run,
          output: '',
          fires,
        })
        return run
      }),

    /** Fires of a paused task: recorded, told to nobody. One run stands for all of a pause. */
    paused: (task: Task, fires: Fires, cause: string): Promise<void> =>
      db.transaction(async (tx) => {
        const last = await tx.kysely
          .selectFrom('runs')
          .selectAll()
          .where('task_id', '=', task.id)
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (last?.status === 'skipped' && last.cause === cause)
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

  function passOver(
    tx: Database,
    task: Task,
    status: 'missed' | 'skipped',
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
const lockTask = async (tx: Database, id: string): Promise<TaskRow> => {
  await lockName(tx, `task:${id}`)
  return tx.kysely.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

const fingerprintFor = (task: Task, ending: Ending): string | null => {
  if (ending.status === 'ok') return null
  if (ending.status === 'auth') return authFingerprint(task)
  if (ending.status === 'interrupted')
    return fingerprintOf({ task: task.id, cause: 'interrupted', code: null, line: null })
  return (
    task.fingerprint ??
    fingerprintOf({ task: task.id, cause: ending.status, code: ending.code, line: ending.line })
  )
}
