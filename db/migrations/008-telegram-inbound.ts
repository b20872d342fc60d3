import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { countingId } from './columns.ts'

/** What Telegram asked of us and what we owe it: each survives a crash at any line. */
export const telegramInbound: Migration = {
  async up(db) {
    await db.schema
      .createTable('telegram_buttons')
      .addColumn('token', 'text', (c) => c.primaryKey())
      .addColumn('chat_id', 'text', (c) => c.notNull())
      // All buttons under one message.
      .addColumn('keyboard', 'text', (c) => c.notNull())
      .addColumn('place', 'integer', (c) => c.notNull())
      .addColumn('label', 'text', (c) => c.notNull())
      .addColumn('about', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .addColumn('outcome', 'text')
      .execute()
    await db.schema
      .createIndex('telegram_buttons_by_keyboard')
      .on('telegram_buttons')
      .column('keyboard')
      .execute()
    await db.schema
      .createIndex('telegram_buttons_by_expiry')
      .on('telegram_buttons')
      .column('expires_at')
      .execute()

    const [idType, idColumn] = countingId(db)
    await db.schema
      .createTable('telegram_outgoing')
      .addColumn('id', idType, idColumn)
      .addColumn('chat_id', 'text', (c) => c.notNull())
      .addColumn('html', 'text', (c) => c.notNull())
      .addColumn('buttons', 'text')
      .addColumn('reply_to', 'bigint')
      .addColumn('edits_message', 'bigint')
      .addColumn('edits_row', 'bigint')
      .addColumn('silent', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('about', 'text')
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('sent_at', 'text')
      .addColumn('message_id', 'bigint')
      .addColumn('last_error', 'text')
      .execute()
    await sql`
      create index telegram_outgoing_waiting on telegram_outgoing (id) where state in ('queued', 'sending')`.execute(
      db,
    )
    await db.schema
      .createIndex('telegram_outgoing_by_message')
      .on('telegram_outgoing')
      .columns(['chat_id', 'message_id'])
      .execute()

    await db.schema
      .createTable('telegram_turns')
      .addColumn('turn_id', 'text', (c) => c.primaryKey())
      .addColumn('chat_id', 'text', (c) => c.notNull())
      .addColumn('message_id', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('replied_at', 'text')
      .addUniqueConstraint('one_turn_per_message', ['chat_id', 'message_id'])
      .execute()
    await sql`
      create index telegram_turns_owed on telegram_turns (turn_id) where replied_at is null`.execute(
      db,
    )

    await db.schema
      .createTable('telegram_asks')
      .addColumn('prompt_id', 'text', (c) => c.primaryKey())
      .addColumn('turn_id', 'text')
      .addColumn('outgoing_id', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('closed_at', 'text')
      .addColumn('outcome', 'text')
      .execute()
    await sql`
      create index telegram_asks_open on telegram_asks (prompt_id) where closed_at is null`.execute(
      db,
    )
  },
}
