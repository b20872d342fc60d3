import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What is left of turns and alerts that were kept long enough, so that reports add up. */
export const totals: Migration = {
  async up(db) {
    await db.schema
      .createTable('turn_totals')
      .addColumn('day', 'text', (c) => c.notNull())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('turns', 'bigint', (c) => c.notNull())
      .addColumn('tokens_in', 'bigint', (c) => c.notNull())
      .addColumn('tokens_out', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('one_total_per_day_and_end', ['day', 'origin', 'state'])
      .execute()
    await db.schema
      .createTable('alert_totals')
      .addColumn('day', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('alerts', 'bigint', (c) => c.notNull())
      .addColumn('occurrences', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('one_total_per_day_and_state', ['day', 'severity', 'kind', 'state'])
      .execute()
    // What may go is looked for by age, without reading replies.
    await sql`create index turns_by_end on turns (ended_at) where ended_at is not null`.execute(db)
    // Which item a person's correction speaks of is asked when the item may go.
    await sql`create index corrections_by_item on corrections (item_id)`.execute(db)
  },
}
