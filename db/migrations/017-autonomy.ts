import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { countingId, ringOnChange } from './columns.ts'

/** What was unlocked and locked; indexes from which the record on each class is read alone. */
export const autonomy: Migration = {
  async up(db) {
    await sql`alter table acts add column undone_at text`.execute(db)
    await sql`
      create index acts_record on acts (class, created_at, state, at_once, correction)`.execute(db)
    await sql`create index acts_done on acts (class, id) where state = 'done'`.execute(db)
    await sql`create index acts_by_herself on acts (id) where at_once = 1`.execute(db)
    await sql`create index acts_by_turn on acts (turn_id) where turn_id is not null`.execute(db)
    await sql`create index acts_by_ref on acts (ref) where ref is not null`.execute(db)
    await db.schema
      .createTable('autonomy_events')
      .addColumn('id', ...countingId(db))
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('class', 'text')
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('by', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .execute()
    await ringOnChange(db, 'autonomy_events')
  },
}
