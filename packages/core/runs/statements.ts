import type { BuildStatement } from '@mc/db/statement.ts'
import { sql } from 'kysely'

/**
 * The hot statements of the runs. Statuses of what is open are literals, never parameters: with a
 * parameter SQLite could not use the partial index.
 */

const isOpen = sql<boolean>`status in ('queued', 'running')`
const isQueued = sql<boolean>`status = 'queued'`
const isRunning = sql<boolean>`status = 'running'`

export const openOfTask: BuildStatement = (db, hole) =>
  db.selectFrom('runs').selectAll().where('task_id', '=', hole('task_id')).where(isOpen)

export const begin: BuildStatement = (db, hole) =>
  db
    .insertInto('runs')
    .values({
      id: hole('id'),
      task_id: hole('task_id'),
      ticket_id: hole('ticket_id'),
      slot: hole('slot'),
      trigger: hole('trigger'),
      requested_by: hole('requested_by'),
      status: hole('status'),
      queued_at: hole('queued_at'),
      worker_id: hole('worker_id'),
      started_at: hole('started_at'),
      beat_at: hole('beat_at'),
    })
    .onConflict((conflict) =>
      conflict.columns(['task_id', 'slot']).where('slot', 'is not', null).doNothing(),
    )
    .returningAll()

export const start: BuildStatement = (db, hole) =>
  db
    .updateTable('runs')
    .set({
      status: sql.lit('running'),
      worker_id: hole('worker_id'),
      started_at: hole('at'),
      beat_at: hole('at'),
    })
    .where('id', '=', hole('id'))
    .where(isQueued)
    // What a person said is not to begin does not begin.
    .where('cancel_asked_at', 'is', null)
    .returningAll()

/** Of scheduled tasks, what somebody asked to stop: a few at most, from an index of their own. */
export const toStop: BuildStatement = (db) =>
  db
    .selectFrom('runs')
    .innerJoin('tasks', 'tasks.id', 'runs.task_id')
    .selectAll('runs')
    .select('tasks.definition')
    .where('runs.cancel_asked_at', 'is not', null)
    .where('runs.ended_at', 'is', null)
    // In any other order SQLite would walk through all runs.
    .orderBy('runs.cancel_asked_at')

/** What is null stays as it is. */
export const note: BuildStatement = (db, hole) =>
  db
    .updateTable('runs')
    .set({
      command: sql`coalesce(${hole('command')}, command)`,
      cwd: sql`coalesce(${hole('cwd')}, cwd)`,
      pid: sql`coalesce(${hole('pid')}, pid)`,
      process_started: sql`coalesce(${hole('process_started')}, process_started)`,
      attempts: sql`coalesce(${hole('attempts')}, attempts)`,
      worker: sql`coalesce(${hole('worker')}, worker)`,
    })
    .where('id', '=', hole('id'))
    .where(isRunning)

export const end: BuildStatement = (db, hole) =>
  db
    .updateTable('runs')
    .set({
      status: hole('status'),
      ended_at: hole('ended_at'),
      exit_code: hole('exit_code'),
      signal: hole('signal'),
      cause: hole('cause'),
      fingerprint: hole('fingerprint'),
      output: hole('output'),
      output_dropped_bytes: hole('output_dropped_bytes'),
      attempts: sql`coalesce(${hole('attempts')}, attempts)`,
      duration_ms: sql`coalesce(${hole('duration_ms')}, duration_ms)`,
    })
    .where('id', '=', hole('id'))
    .where(isOpen)
    .returningAll()

export const passOver: BuildStatement = (db, hole) =>
  db
    .insertInto('runs')
    .values({
      id: hole('id'),
      task_id: hole('task_id'),
      slot: hole('slot'),
      first_slot: hole('first_slot'),
      slots: hole('slots'),
      trigger: sql.lit('schedule'),
      status: hole('status'),
      cause: hole('cause'),
      fingerprint: hole('fingerprint'),
      queued_at: hole('at'),
      ended_at: hole('at'),
    })
    .onConflict((conflict) =>
      conflict.columns(['task_id', 'slot']).where('slot', 'is not', null).doNothing(),
    )
    .returningAll()
