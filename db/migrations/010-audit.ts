import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { ringOnChange } from './columns.ts'

/** What the way of an item is told from, what corrections teach, and webhooks that come in. */
export const audit: Migration = {
  async up(db) {
    await way(db)
    await learning(db)
    await webhooks(db)
  },
}

const way = async (db: Kysely<unknown>) => {
  // When it was taken last; the lease alone does not tell.
  await sql`alter table orchestrator_inbox add column claimed_at text`.execute(db)
  // filed, counted, reopened, raised: what the effect was on its ticket or alert.
  await sql`alter table effects add column how text`.execute(db)
  await sql`create index alerts_by_item on alerts (item_id) where item_id is not null`.execute(db)
}

const learning = async (db: Kysely<unknown>) => {
  // The decision as it was: a correction that raises changes the item's own.
  for (const column of ['decided_by', 'reason', 'superseded_at'])
    await sql`alter table corrections add column ${sql.ref(column)} text`.execute(db)
  await sql`
    create unique index one_standing_correction_per_item_and_person on corrections (item_id, by)
      where superseded_at is null`.execute(db)
  await sql`create index corrections_by_time on corrections (at)`.execute(db)
  await ringOnChange(db, 'corrections')
  await db.schema
    .createTable('item_days')
    // The day it was settled, on this machine's clock.
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('source_type', 'text', (c) => c.notNull())
    // Empty where the item had none, as in the next three.
    .addColumn('source_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('decided_by', 'text', (c) => c.notNull())
    .addColumn('items', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('one_count_per_day_source_and_decision', [
      'day',
      'source_type',
      'source_id',
      'kind',
      'verdict',
      'decided_by',
    ])
    .execute()
  await db.schema
    .createTable('items_counted')
    // processed or ignored, and the last item of it that is in item_days.
    .addColumn('status', 'text', (c) => c.primaryKey())
    .addColumn('processed_at', 'text', (c) => c.notNull())
    .addColumn('item_id', 'bigint', (c) => c.notNull())
    .execute()
}

const webhooks = async (db: Kysely<unknown>) => {
  await sql`alter table credentials add column shape text`.execute(db)
  await db.schema
    .createTable('webhook_events')
    // Who sent it and which event it is: the same one again is counted.
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('item_id', 'bigint', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull())
    .addColumn('first_at', 'text', (c) => c.notNull())
    .addColumn('last_at', 'text', (c) => c.notNull())
    .execute()
  await sql`create index webhook_events_by_item on webhook_events (item_id)`.execute(db)
  await sql`create index webhook_events_by_time on webhook_events (last_at)`.execute(db)
}
