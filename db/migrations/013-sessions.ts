import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a person needs to tell one signed-in browser from another. */
export const sessions: Migration = {
  async up(db) {
    await sql`alter table credentials add column seen_at text`.execute(db)
    await sql`alter table credentials add column agent text`.execute(db)
  },
}
