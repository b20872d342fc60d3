import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Whether Luci said anything of a digest: after some silent ones she is not asked for a while. */
export const digestOutcome: Migration = {
  async up(db) {
    await db.schema.alterTable('digests').addColumn('outcome', 'text').execute()
    await sql`
      create index digests_by_outcome on digests (settled_at) where outcome is not null`.execute(db)
  },
}
