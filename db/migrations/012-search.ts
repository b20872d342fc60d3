import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { isPostgres } from './columns.ts'

/** Tables of words, one a noun, and what a ticket's page looks up from the other end. */
export const search: Migration = {
  async up(db) {
    for (const noun of ['ticket', 'turn', 'item']) {
      const table = sql.table(`${noun}_words`)
      if (isPostgres(db)) {
        await sql`create table ${table} (id bigint primary key, words tsvector not null)`.execute(
          db,
        )
        await sql`create index ${sql.ref(`${noun}_words_in`)} on ${table} using gin (words)`.execute(
          db,
        )
      }
      // Without the text, which is in its own table, and without positions: what is found is
      // looked at again. Beginnings of two, three, four and six letters have lists of their own, so that no
      // query has to merge the lists of many words (40 ms at 1,000,000 rows).
      else
        await sql`
          create virtual table ${table} using fts5
            (words, content='', contentless_delete=1, detail=none, prefix='2 3 4 6')`.execute(db)
    }
    // How far the words of each noun are kept. No bell: nobody waits for it.
    await db.schema
      .createTable('search_cursors')
      .addColumn('noun', 'text', (c) => c.primaryKey())
      .addColumn('at', 'text', (c) => c.notNull())
      .execute()
    await sql`create index tickets_by_parent on tickets (parent_id) where parent_id is not null`.execute(
      db,
    )
    await sql`create index ticket_links_back on ticket_links (blocked_by_id, ticket_id)`.execute(db)
    await sql`create index effects_by_ref on effects (effect, ref)`.execute(db)
    await sql`create index alerts_by_ticket on alerts (ticket_id) where ticket_id is not null`.execute(
      db,
    )
  },
}
