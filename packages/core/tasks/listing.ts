import type { Database } from '@mc/db/database.ts'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { RunStatus } from '../runs/run.ts'
import type { LastRun } from './task.ts'

export const taskStates = ['failing', 'running', 'paused', 'disabled'] as const
export type TaskState = (typeof taskStates)[number]

export type TaskFilter = {
  /** Part of the id or title. */
  q?: string
  tag?: string
  state?: TaskState
}

export type TasksSummary = {
  total: number
  failing: string[]
  paused: number
  /** The next fire of a task that is not paused. */
  next: { id: string; at: string } | null
}

/** How many failing tasks are named. */
const FAILING_NAMED_MAX = 100

/** What a filter asks of a row of `tasks`, as SQL: there may be ten thousand. */
export const matching = (db: Database, filter: TaskFilter, at: string): Expression<SqlBool> => {
  const wanted = [sql<SqlBool>`present = 1`]
  if (filter.q) {
    const part = `%${filter.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
    wanted.push(
      sql<SqlBool>`(lower(id) like ${part} escape '\\' or lower(${field(db, 'title')}) like ${part} escape '\\')`,
    )
  }
  if (filter.tag)
    wanted.push(
      db.dialect === 'postgres'
        ? sql<SqlBool>`(definition::jsonb -> 'tags') @> to_jsonb(${filter.tag}::text)`
        : sql<SqlBool>`exists (select 1 from json_each(definition, '$.tags') where value = ${filter.tag})`,
    )
  if (filter.state === 'failing') wanted.push(sql<SqlBool>`consecutive_failures > 0`)
  if (filter.state === 'paused') wanted.push(isPaused(at))
  if (filter.state === 'disabled') wanted.push(isDisabled(db))
  if (filter.state === 'running')
    wanted.push(sql<SqlBool>`id in (select task_id from runs where status = 'running')`)
  return sql.join(wanted, sql` and `) as Expression<SqlBool>
}

const isPaused = (at: string) =>
  sql<SqlBool>`(paused_at is not null and (paused_until is null or paused_until > ${at}))`

/** A false is 0 to SQLite's JSON and 'false' to that of Postgres. */
const isDisabled = (db: Database) =>
  db.dialect === 'postgres'
    ? sql<SqlBool>`definition::json ->> 'enabled' = 'false'`
    : sql<SqlBool>`json_extract(definition, '$.enabled') = 0`

const field = (db: Database, name: 'title') =>
  db.dialect === 'postgres'
    ? sql<string>`definition::json ->> ${sql.lit(name)}`
    : sql<string>`json_extract(definition, ${sql.lit(`$.${name}`)})`

/** Failing first, paused last, the rest by their next fire. */
export const byUrgency = (at: string) =>
  sql`case when consecutive_failures > 0 then 0 when ${isPaused(at)} then 2 else 1 end,
    case when next_run_at is null then 1 else 0 end, next_run_at, id`

/** The tasks in short, without reading each. */
export const summariseTasks = async (db: Database, at: string): Promise<TasksSummary> => {
  const counts = await db.kysely
    .selectFrom('tasks')
    .select((eb) => [
      eb.fn.countAll().as('total'),
      sql<number | string>`sum(case when ${isPaused(at)} then 1 else 0 end)`.as('paused'),
    ])
    .where('present', '=', 1)
    .executeTakeFirstOrThrow()
  const failing = await db.kysely
    .selectFrom('tasks')
    .select('id')
    .where('present', '=', 1)
    .where('consecutive_failures', '>', 0)
    .orderBy('id')
    .limit(FAILING_NAMED_MAX)
    .execute()
  const next = await db.kysely
    .selectFrom('tasks')
    .select(['id', 'next_run_at'])
    .where('present', '=', 1)
    .where('next_run_at', 'is not', null)
    .where(sql<SqlBool>`not ${isPaused(at)}`)
    .orderBy('next_run_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return {
    total: Number(counts.total),
    paused: Number(counts.paused ?? 0),
    failing: failing.map(({ id }) => id),
    next: next?.next_run_at ? { id: next.id, at: next.next_run_at } : null,
  }
}

/** All tags in use, by name. */
export const tagsInUse = async (db: Database): Promise<string[]> => {
  const query =
    db.dialect === 'postgres'
      ? sql<{
          tag: string
        }>`select distinct tag from tasks, json_array_elements_text(definition::json -> 'tags') as tag where present = 1 order by tag`
      : sql<{
          tag: string
        }>`select distinct value as tag from tasks, json_each(definition, '$.tags') where present = 1 order by tag`
  const { rows } = await query.execute(db.kysely)
  return rows.map(({ tag }) => tag)
}

/** The last run of each, by task. */
export const lastRunsOf = async (
  db: Database,
  ids: readonly string[],
): Promise<Map<string, LastRun>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['id', 'task_id', 'status', 'started_at', 'ended_at', 'cancel_asked_at'])
    .select(['duration_ms', 'cause'])
    .where('seq', 'in', (eb) =>
      eb
        .selectFrom('runs')
        .select((s) => s.fn.max('seq').as('seq'))
        .where('task_id', 'in', ids)
        .groupBy('task_id'),
    )
    .execute()
  return new Map(
    rows.map((run) => [
      run.task_id ?? '',
      {
        id: run.id,
        status: run.status as RunStatus,
        startedAt: run.started_at,
        endedAt: run.ended_at,
        cancelAskedAt: run.cancel_asked_at,
        durationMs: run.duration_ms,
        cause: run.cause,
      },
    ]),
  )
}
