import type { Migration } from 'kysely/migration'
import { ringOnChange } from './columns.ts'

/** Files that a person gave, and the day a ticket is due. */
export const attachments: Migration = {
  async up(db) {
    // `2026-12-01`: a day, of nobody's zone.
    await db.schema.alterTable('tickets').addColumn('due', 'text').execute()
    await db.schema
      .createTable('attachments')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      // Below the folder of attachments: `2026-11/<random>-<safe name>`.
      .addColumn('file', 'text', (c) => c.notNull())
      .addColumn('media_type', 'text', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      // Neither: not sent yet.
      .addColumn('turn_id', 'text')
      .addColumn('ticket_id', 'bigint')
      .execute()
    await db.schema.createIndex('attachments_by_turn').on('attachments').column('turn_id').execute()
    await db.schema
      .createIndex('attachments_by_age')
      .on('attachments')
      .columns(['created_at', 'id'])
      .execute()
    await ringOnChange(db, 'attachments')
  },
}
