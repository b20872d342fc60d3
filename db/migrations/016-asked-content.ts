import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A person's own edits go back to Luci as JSON too, so that she can begin with them. */
export const askedContent: Migration = {
  async up(db) {
    await sql`alter table proposals add column asked_content text`.execute(db)
  },
}
