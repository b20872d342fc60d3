import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { dueOf, nextSlot } from './calendar.ts'
import {
  byUrgency,
  lastRunsOf,
  matching,
  summariseTasks,
  type TaskFilter,
  tagsInUse,
} from './listing.ts'
import { type Task, type TaskRow, type TaskView, toTask, toTaskView } from './task.ts'

const TAGS_KEPT_MS = 10_000

export type Synced = { added: string[]; changed: string[]; removed: string[] }

/** The scheduled jobs and how each stands. The file says what they are; `sync` brings it here. */
export const createTasks = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())
  let tags: { at: number; known: Promise<string[]> } | null = null
  const view = (row: TaskRow, lastRun: TaskView['lastRun']) => toTaskView(row, lastRun, now())
  const views = async (rows: TaskRow[]): Promise<TaskView[]> => {
    const last = await lastRunsOf(
      db,
      rows.map((found) => found.id),
    )
    return rows.map((found) => view(found, last.get(found.id) ?? null))
  }
  const row = async (id: string, tx: Database = db): Promise<TaskRow> => {
    const found = await tx.kysely
      .selectFrom('tasks')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!found)
      throw new AppError('not_found', `There is no task "${id}"`, {
        hint: 'mc task list shows those there are.',
      })
    return found
  }
  const get = async (id: string): Promise<TaskView> => {
    const found = await row(id)
    return view(found, (await lastRunsOf(db, [id])).get(id) ?? null)
  }
  const change = async (id: string, set: object): Promise<TaskView> => {
    await row(id)
    await db.kysely
      .updateTable('tasks')
      .set({ ...set, updated_at: isoTime(clock.now()) })
      .where('id', '=', id)
      .execute()
    return get(id)
  }
  return {
    /** Throws `not_found`. */
    get,

    /** Null when there is no such task. */
    async find(id: string): Promise<TaskView | null> {
      const found = await db.kysely
        .selectFrom('tasks')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return found ? view(found, (await lastRunsOf(db, [id])).get(id) ?? null) : null
    },

    /** By id; those that left the file only when asked for. */
    async list({ gone = false }: { gone?: boolean } = {}): Promise<TaskView[]> {
      let query = db.kysely.selectFrom('tasks').selectAll().orderBy('id')
      if (!gone) query = query.where('present', '=', 1)
      return views(await query.execute())
    },

    /** Those that match, by id, from after that of `after`. */
    async page(filter: TaskFilter & { after?: string; limit: number }): Promise<TaskView[]> {
      let query = db.kysely
        .selectFrom('tasks')
        .selectAll()
        .where(matching(db, filter, now()))
      if (filter.after !== undefined) query = query.where('id', '>', filter.after)
      return views(await query.orderBy('id').limit(filter.limit).execute())
    },

    /** Those that match, failing first, then by their next fire; and how many there are in all. */
    async urgent(
      filter: TaskFilter & { offset: number; limit: number },
    ): Promise<{ tasks: TaskView[]; count: number }> {
      const where = matching(db, filter, now())
      // Ordered by an index alone; only the few that are shown are read whole.
      const ids = await db.kysely
        .selectFrom('tasks')
        .select('id')
        .where(where)
        .orderBy(byUrgency(now()))
        .limit(filter.limit)
        .offset(filter.offset)
        .execute()
      const rows = await db.kysely
        .selectFrom('tasks')
        .selectAll()
        .where('id', 'in', ids.length > 0 ? ids.map(({ id }) => id) : [''])
        .orderBy(byUrgency(now()))
        .execute()
      const { count } = await db.kysely
        .selectFrom('tasks')
        .select((eb) => eb.fn.countAll().as('count'))
        .where(where)
        .executeTakeFirstOrThrow()
      return { tasks: await views(rows), count: Number(count) }
    },

    summary: () => summariseTasks(db, now()),

    /** All tags in use, as of a few seconds ago: to find them each definition is read. */
    async tags(): Promise<string[]> {
      const at = clock.now().getTime()
      if (!tags || Math.abs(at - tags.at) > TAGS_KEPT_MS) tags = { at, known: tagsInUse(db) }
      return tags.known
    },

    /** Asks the scheduler to run it now; a request that waits already is kept. Throws `conflict` when it left the file. */
    async requestRun(id: string, by: string): Promise<TaskView> {
      const found = await row(id)
      if (found.present !== 1)
        throw new AppError('conflict', `Task "${id}" is no longer in the tasks file`, {
          hint: 'Put it back into the file to run it.',
        })
      if (found.run_requested_at) return get(id)
      return change(id, { run_requested_at: isoTime(clock.now()), run_requested_by: by })
    },

    /** Its fires are passed over until `resume`, or until the time given. */
    pause: (
      id: string,
      { reason, until, by }: { reason: string; until?: Date; by: string },
    ): Promise<TaskView> =>
      change(id, {
        paused_at: isoTime(clock.now()),
        paused_until: until ? isoTime(until) : null,
        paused_reason: reason,
        paused_by: by,
      }),

    resume: (id: string, _by: string): Promise<TaskView> => change(id, notPaused),

    /**
     * Makes the table say what the file says. A new or rescheduled task starts at its next fire,
     * never before; an unchanged one keeps its due time, so that a restart can catch up.
     */
    sync: (tasks: readonly Task[]): Promise<Synced> =>
      db.transaction(async (tx) => {
        const at = isoTime(clock.now())
        const rows = await tx.kysely.selectFrom('tasks').selectAll().execute()
        const known = new Map(rows.map((found) => [found.id, found]))
        const synced: Synced = { added: [], changed: [], removed: [] }
        for (const task of tasks) {
          const before = known.get(task.id)
          known.delete(task.id)
          const definition = JSON.stringify(task)
          if (before?.present === 1 && before.definition === definition) continue
          if (before?.present === 1) synced.changed.push(task.id)
          else synced.added.push(task.id)
          // A program that is to run all the time may have ended for good; changed, it is tried again.
          const reschedule =
            before?.present !== 1 || task.cron === '' || isRescheduled(toTask(before), task)
          const set = {
            definition,
            present: 1,
            updated_at: at,
            ...(reschedule ? { next_run_at: firstDue(task, clock.now()) } : {}),
          }
          await tx.kysely
            .insertInto('tasks')
            .values({ id: task.id, ...set })
            .onConflict((conflict) => conflict.column('id').doUpdateSet(set))
            .execute()
        }
        for (const gone of known.values()) {
          if (gone.present !== 1) continue
          synced.removed.push(gone.id)
          await tx.kysely
            .updateTable('tasks')
            .set({ present: 0, next_run_at: null, run_requested_at: null, updated_at: at })
            .where('id', '=', gone.id)
            .execute()
        }
        return synced
      }),
  }
}

export type Tasks = ReturnType<typeof createTasks>

export const notPaused = {
  paused_at: null,
  paused_until: null,
  paused_reason: null,
  paused_by: null,
}

/** Whether its due time is planned anew: it then starts at its next fire, never before. */
export const isRescheduled = (a: Task, b: Task): boolean =>
  (['cron', 'timezone', 'jitterMs', 'enabled', 'kind'] as const).some(
    (field) => a[field] !== b[field],
  )

const firstDue = (task: Task, now: Date): string | null => {
  if (!task.enabled) return null
  // To run all the time: it is due as soon as it is there.
  if (task.cron === '') return task.kind === 'background' ? isoTime(now) : null
  const slot = nextSlot(task, now)
  return slot ? isoTime(dueOf(task, slot)) : null
}
