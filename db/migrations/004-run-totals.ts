import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What is left of runs that were kept long enough, and long lists in no time. */
export const runTotals: Migration = {
  async up(db) {
    await db.schema
      .createTable('run_totals')
      // Empty for delegated tickets.
      .addColumn('task_id', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('runs', 'bigint', (c) => c.notNull())
      .addColumn('slots', 'bigint', (c) => c.notNull())
      .addColumn('duration_ms', 'bigint', (c) => c.notNull())
      .addColumn('until', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('one_total_per_task_and_status', ['task_id', 'status'])
      .execute()
    // All that a list of ten thousand tasks is counted and ordered by, without their definitions.
    await sql`
      create index tasks_listing on tasks
        (present, id, consecutive_failures, paused_at, paused_until, next_run_at)`.execute(db)
    // What may go is looked for by age.
    await sql`create index runs_by_end on runs (ended_at) where ended_at is not null`.execute(db)
  },
}
