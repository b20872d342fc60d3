import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What a person says now: that a run is to stop, which the scheduler asks at every ring, and that
 * a waiting message goes before the others.
 */
export const saidNow: Migration = {
  async up(db) {
    await sql`
      create index runs_to_stop on runs (cancel_asked_at)
        where cancel_asked_at is not null and ended_at is null`.execute(db)
    // What Luci decided of a digest stands beside it in the thread.
    await sql`create index verdicts_by_digest on verdicts (digest_id)`.execute(db)
    await sql`alter table turns add column put_first_at text`.execute(db)
  },
}
