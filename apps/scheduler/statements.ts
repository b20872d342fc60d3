import type { BuildStatement } from '@mc/db/statement.ts'
import { sql } from 'kysely'

/** The hot statements of the due table. */

type Dialect = 'sqlite' | 'postgres'

/** On SQLite a writing transaction is alone anyway. */
export const lockTask =
  (dialect: Dialect): BuildStatement =>
  (db, hole) => {
    const query = db.selectFrom('tasks').selectAll().where('id', '=', hole('id'))
    return dialect === 'postgres' ? query.forUpdate() : query
  }

/** What another scheduler has in hand is passed over: it is fired there. */
export const takeDue =
  (dialect: Dialect): BuildStatement =>
  (db, hole) => {
    const query = db
      .selectFrom('tasks')
      .selectAll()
      .where('next_run_at', '<=', hole('now'))
      .orderBy('next_run_at')
      .limit(hole('limit'))
    return dialect === 'postgres' ? query.forUpdate().skipLocked() : query
  }

export const takeRequested =
  (dialect: Dialect): BuildStatement =>
  (db) => {
    const query = db
      .selectFrom('tasks')
      .selectAll()
      .where('run_requested_at', 'is not', null)
      .orderBy('run_requested_at')
    return dialect === 'postgres' ? query.forUpdate().skipLocked() : query
  }

/** The first moment at which there is something to do; what was asked for is one that was. */
export const nextDue: BuildStatement = (db) => ({
  compile: () =>
    sql`
      select
        (select min(next_run_at) from tasks where next_run_at is not null) as due,
        (select min(run_requested_at) from tasks where run_requested_at is not null) as requested,
        (select min(cancel_asked_at) from runs
          where cancel_asked_at is not null and ended_at is null) as stopping`.compile(db),
})

export const moveOn: BuildStatement = (db, hole) =>
  db
    .updateTable('tasks')
    .set({ next_run_at: hole('next_run_at'), last_slot: hole('last_slot') })
    .where('id', '=', hole('id'))

export const runningOnes: BuildStatement = (db) =>
  db
    .selectFrom('runs')
    .innerJoin('tasks', 'tasks.id', 'runs.task_id')
    .select(['runs.id', 'runs.trigger', 'tasks.id as task_id', 'tasks.definition'])
    .where(sql<boolean>`runs.status = 'running'`)

/** All that waits, oldest first. */
export const waitingOnes: BuildStatement = (db) =>
  db
    .selectFrom('runs')
    .innerJoin('tasks', 'tasks.id', 'runs.task_id')
    .select([
      'runs.id',
      'runs.seq',
      'runs.trigger',
      'runs.slot',
      'runs.queued_at',
      'tasks.id as task_id',
      'tasks.definition',
    ])
    .where(sql<boolean>`runs.status = 'queued'`)
    .orderBy('runs.seq')
