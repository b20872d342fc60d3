import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Usage } from '../costs/usage.ts'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import {
  type Run,
  type RunEnd,
  type RunRow,
  type RunStatus,
  type RunTrigger,
  toRun,
} from './run.ts'
import { begin, end, note, openOfTask, passOver, start } from './statements.ts'

export type NewRun = {
  taskId?: string
  ticketId?: number
  /** The fire it stands for; leave it out for a manual or delegated run. */
  slot?: Date
  trigger: RunTrigger
  requestedBy?: string
  /** Who runs it now; without one it is queued. */
  workerId?: string
}

/** How a ticket's run is to be done. */
export type Work = {
  /** Absolute. */
  folder: string
  review: boolean
  retryOf: string | null
}

export type RunEnding = {
  status: RunEnd
  exitCode?: number | null
  signal?: string | null
  cause?: string | null
  fingerprint?: string | null
  output?: string | null
  outputDroppedBytes?: number
  attempts?: number
  durationMs?: number
}

export type RunFilter = {
  task?: string
  ticket?: number
  status?: RunStatus
  /** Only runs with a smaller seq: the next page of a list, newest first. */
  before?: number
  limit?: number
}

/** How often a running run is said to live, and after how long without it it is given up. */
export const RUN_BEAT_MS = 10_000
export const RUN_STALE_MS = 60_000

/** Each attempt of a task or a delegated ticket, from queued to its end. Give it a transaction to join one. */
export const createRuns = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())
  const hot = {
    openOfTask: db.statement<RunRow>('runs.open_of_task', openOfTask),
    begin: db.statement<RunRow>('runs.begin', begin),
    start: db.statement<RunRow>('runs.start', start),
    note: db.grouped('runs.note', note),
    end: db.statement<RunRow>('runs.end', end),
    passOver: db.statement<RunRow>('runs.pass_over', passOver),
  }
  const one = (rows: RunRow[]): Run | null => (rows[0] ? toRun(rows[0]) : null)
  const find = async (id: string): Promise<Run | null> => {
    const row = await db.kysely
      .selectFrom('runs')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toRun(row) : null
  }
  return {
    /** Null when there is no such run. */
    find,

    /** Throws `not_found`. */
    async get(id: string): Promise<Run> {
      const run = await find(id)
      if (!run) throw new AppError('not_found', `There is no run ${id}`)
      return run
    },

    /** Newest first. */
    async list({ task, ticket, status, before, limit = 50 }: RunFilter = {}): Promise<Run[]> {
      let query = db.kysely.selectFrom('runs').selectAll().orderBy('seq', 'desc').limit(limit)
      if (task !== undefined) query = query.where('task_id', '=', task)
      if (ticket !== undefined) query = query.where('ticket_id', '=', ticket)
      if (status !== undefined) query = query.where('status', '=', status)
      if (before !== undefined) query = query.where('seq', '<', before)
      return (await query.execute()).map(toRun)
    },

    /** Queued or running, oldest first. */
    async open(of: { task?: string; ticket?: number } = {}): Promise<Run[]> {
      if (of.task !== undefined) {
        const rows = await hot.openOfTask.all({ task_id: of.task })
        return rows.map(toRun).sort((a, b) => a.seq - b.seq)
      }
      let query = db.kysely
        .selectFrom('runs')
        .selectAll()
        .where('status', 'in', ['queued', 'running'])
        .orderBy('seq')
      if (of.ticket !== undefined) query = query.where('ticket_id', '=', of.ticket)
      return (await query.execute()).map(toRun)
    },

    /** Running when a worker is named, else queued. Null when this task's slot has a run already. */
    async begin(run: NewRun): Promise<Run | null> {
      const at = now()
      const { workerId = null } = run
      return one(
        await hot.begin.all({
          id: randomHex(8),
          task_id: run.taskId ?? null,
          ticket_id: run.ticketId ?? null,
          slot: run.slot ? isoTime(run.slot) : null,
          trigger: run.trigger,
          requested_by: run.requestedBy ?? null,
          status: workerId ? 'running' : 'queued',
          queued_at: at,
          worker_id: workerId,
          started_at: workerId ? at : null,
          beat_at: workerId ? at : null,
        }),
      )
    },

    /** Takes a queued run; null when somebody else did. */
    start: async (id: string, workerId: string): Promise<Run | null> =>
      one(await hot.start.all({ id, worker_id: workerId, at: now() })),

    /** What is known once its program runs. */
    async note(
      id: string,
      facts: {
        command?: string
        cwd?: string
        pid?: number
        processStarted?: string | null
        attempts?: number
        worker?: string
      },
    ): Promise<void> {
      await hot.note.run({
        id,
        command: facts.command ?? null,
        cwd: facts.cwd ?? null,
        pid: facts.pid ?? null,
        process_started: facts.processStarted ?? null,
        attempts: facts.attempts ?? null,
        worker: facts.worker ?? null,
      })
    },

    /** What a queued one of a ticket shall be done like. */
    async plan(id: string, { folder, review, retryOf }: Work): Promise<Run> {
      const row = await db.kysely
        .updateTable('runs')
        .set({ cwd: folder, review: Number(review), retry_of: retryOf })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return toRun(row)
    },

    /** Asks whoever runs it, or would begin it, not to. Null when it has ended. */
    async askToCancel(id: string, by: string): Promise<Run | null> {
      const row = await db.kysely
        .updateTable('runs')
        .set((eb) => ({
          cancel_asked_at: eb.fn.coalesce('cancel_asked_at', eb.val(now())),
          cancel_asked_by: eb.fn.coalesce('cancel_asked_by', eb.val(by)),
        }))
        .where('id', '=', id)
        .where('status', 'in', ['queued', 'running'])
        .returningAll()
        .executeTakeFirst()
      return row ? toRun(row) : null
    },

    /** Those of this worker that somebody asked to stop. */
    async toCancel(workerId: string): Promise<string[]> {
      const rows = await db.kysely
        .selectFrom('runs')
        .select('id')
        .where('status', '=', 'running')
        .where('worker_id', '=', workerId)
        .where('cancel_asked_at', 'is not', null)
        .execute()
      return rows.map((row) => row.id)
    },

    /** What a worker said last, and what it used. */
    async told(id: string, result: string | null, usage: Usage): Promise<Run> {
      const row = await db.kysely
        .updateTable('runs')
        .set({
          result,
          model: usage.model,
          tokens_in: usage.tokensIn,
          tokens_out: usage.tokensOut,
          tokens_cached: usage.tokensCached,
          cost_usd: usage.costUsd,
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return toRun(row)
    },

    /** Takes over a running run whose worker is gone; null when somebody else did. */
    async adopt(run: Pick<Run, 'id' | 'workerId'>, workerId: string): Promise<Run | null> {
      const row = await db.kysely
        .updateTable('runs')
        .set({ worker_id: workerId, beat_at: now() })
        .where('id', '=', run.id)
        .where('status', '=', 'running')
        .where('worker_id', '=', run.workerId)
        .returningAll()
        .executeTakeFirst()
      return row ? toRun(row) : null
    },

    /** All runs of this worker live, or just those named. Call it every RUN_BEAT_MS. */
    async beat(workerId: string, ids?: readonly string[]): Promise<void> {
      if (ids?.length === 0) return
      let query = db.kysely
        .updateTable('runs')
        .set({ beat_at: now() })
        .where('worker_id', '=', workerId)
        .where('status', '=', 'running')
      if (ids) query = query.where('id', 'in', [...ids])
      await query.execute()
    },

    /** Running runs whose worker has not said for RUN_STALE_MS that they live, by whichever way the clock went. */
    async stale(): Promise<Run[]> {
      const at = clock.now().getTime()
      const rows = await db.kysely
        .selectFrom('runs')
        .selectAll()
        .where('status', '=', 'running')
        .where((eb) =>
          eb.or([
            eb('beat_at', 'is', null),
            eb('beat_at', '<', isoTime(new Date(at - RUN_STALE_MS))),
            eb('beat_at', '>', isoTime(new Date(at + RUN_STALE_MS))),
          ]),
        )
        .orderBy('seq')
        .execute()
      return rows.map(toRun)
    },

    /** Ends an open run. Null when it has ended already: nothing is changed then, and nothing is to be told. */
    async end(id: string, ending: RunEnding): Promise<Run | null> {
      const { durationMs } = ending
      return one(
        await hot.end.all({
          id,
          status: ending.status,
          ended_at: now(),
          exit_code: ending.exitCode ?? null,
          signal: ending.signal ?? null,
          cause: ending.cause ?? null,
          fingerprint: ending.fingerprint ?? null,
          output: ending.output ?? null,
          output_dropped_bytes: ending.outputDroppedBytes ?? null,
          attempts: ending.attempts ?? null,
          duration_ms: durationMs === undefined ? null : Math.round(durationMs),
        }),
      )
    },

    /** Fires that no program ran for, as one ended run at the last of them. Null when that slot has a run. */
    async passOver(run: {
      taskId: string
      status: 'missed' | 'skipped' | 'stuck'
      cause: string
      firstSlot: Date
      slot: Date
      slots: number
      fingerprint?: string | null
    }): Promise<Run | null> {
      return one(
        await hot.passOver.all({
          id: randomHex(8),
          task_id: run.taskId,
          slot: isoTime(run.slot),
          first_slot: isoTime(run.firstSlot),
          slots: run.slots,
          status: run.status,
          cause: run.cause,
          fingerprint: run.fingerprint ?? null,
          at: now(),
        }),
      )
    },
  }
}

export type Runs = ReturnType<typeof createRuns>
