import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What became of a trouble's last ticket is asked for every failure, closed tickets included. */
export const ticketFingerprints: Migration = {
  async up(db) {
    await sql`
      create index tickets_by_fingerprint on tickets (fingerprint, id)
        where fingerprint is not null`.execute(db)
  },
}
