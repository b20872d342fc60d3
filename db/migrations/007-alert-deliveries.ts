import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { countingId, ringOnChange } from './columns.ts'

/** What became of each alert, and through which channel; and what a person does not want to hear. */
export const alertDeliveries: Migration = {
  async up(db) {
    // One column each: SQLite adds no two at once.
    await db.schema.alterTable('alerts').addColumn('held', 'text').execute()
    await db.schema.alterTable('alerts').addColumn('last_at', 'text').execute()
    await db.schema
      .alterTable('alerts')
      .addColumn('repeats', 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createTable('alert_events')
      .addColumn('id', ...countingId(db))
      .addColumn('alert_id', 'bigint', (c) =>
        c.notNull().references('alerts.id').onDelete('cascade'),
      )
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('actor', 'text')
      .addColumn('detail', 'text')
      .execute()
    await sql`create index alert_events_by_alert on alert_events (alert_id, id)`.execute(db)
    await db.schema
      .createTable('alert_deliveries')
      .addColumn('id', ...countingId(db))
      .addColumn('alert_id', 'bigint', (c) =>
        c.notNull().references('alerts.id').onDelete('cascade'),
      )
      .addColumn('message', 'text', (c) => c.notNull())
      .addColumn('channel', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(1))
      .addColumn('repeated', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('ref', 'text')
      .addColumn('error', 'text')
      .execute()
    await sql`create index alert_deliveries_by_alert on alert_deliveries (alert_id, id)`.execute(db)
    await sql`create index alert_deliveries_by_message on alert_deliveries (message)`.execute(db)
    await db.schema
      .createTable('mutes')
      .addColumn('id', ...countingId(db))
      .addColumn('fingerprint', 'text')
      .addColumn('until', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('ended_by', 'text')
      .execute()
    await sql`create index mutes_in_force on mutes (until) where ended_at is null`.execute(db)
    await ringOnChange(db, 'mutes')
  },
}
