import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { countingId, ringOnChange } from './columns.ts'

/** What Luci proposes, asks and does by herself; who does a ticket; what turns and runs cost. */
export const intent: Migration = {
  async up(db) {
    await proposals(db)
    await acts(db)
    await questions(db)
    await usage(db)
    for (const column of [
      // person, luci or worker; null: nobody was named.
      'does text',
      // low, medium or high, as it was accepted; null: nobody said.
      'risk text',
      // Where its worker works; null: the folder of all workers.
      'folder text',
      // 1: a worker's success waits in review, 0: it is done with it.
      'review integer',
      'proposal_id text',
      // When Luci was told to do it; she is told once.
      'handed_at text',
    ])
      await sql.raw(`alter table tickets add column ${column}`).execute(db)
    await sql`
      create index tickets_by_proposal on tickets (proposal_id)
        where proposal_id is not null`.execute(db)
    await sql`
      create index tickets_for_luci on tickets (id)
        where does = 'luci' and handed_at is null and closed_at is null`.execute(db)
    for (const column of [
      'cancel_asked_at text',
      'cancel_asked_by text',
      'retry_of text',
      'worker text',
      'review integer',
      // What the worker said last, redacted; still untrusted text.
      'result text',
    ])
      await sql.raw(`alter table runs add column ${column}`).execute(db)
    for (const table of ['runs', 'turns'])
      await sql.raw(`alter table ${table} add column model text`).execute(db)
    for (const column of ['tokens_in bigint', 'tokens_out bigint'])
      await sql.raw(`alter table runs add column ${column}`).execute(db)
    for (const table of ['runs', 'turns']) {
      await sql.raw(`alter table ${table} add column tokens_cached bigint`).execute(db)
      await sql.raw(`alter table ${table} add column cost_usd double precision`).execute(db)
    }
  },
}

/** The table of 002 was never written to: its columns were a guess. */
const proposals = async (db: Kysely<unknown>) => {
  await db.schema.dropTable('proposals').execute()
  await db.schema
    .createTable('proposals')
    .addColumn('seq', ...countingId(db))
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('turn_id', 'text')
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('item_id', 'bigint')
    .addColumn('replaces', 'text')
    .addColumn('accepted', 'text')
    .addColumn('asked', 'text')
    .addColumn('asked_turn_id', 'text')
    .addColumn('reason', 'text')
    .addColumn('parent_id', 'bigint')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text')
    .addColumn('decided_by', 'text')
    .execute()
  await sql`create index proposals_by_state on proposals (state, seq)`.execute(db)
  await sql`create index proposals_by_turn on proposals (turn_id)`.execute(db)
  await sql`
    create index proposals_by_item on proposals (item_id) where item_id is not null`.execute(db)
  await ringOnChange(db, 'proposals')
}

const acts = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('acts')
    .addColumn('id', ...countingId(db))
    .addColumn('class', 'text', (c) => c.notNull())
    .addColumn('proposal_id', 'text')
    .addColumn('step', 'text')
    .addColumn('turn_id', 'text')
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('at_once', 'integer', (c) => c.notNull())
    .addColumn('ref', 'text')
    .addColumn('before', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text')
    .addColumn('decided_by', 'text')
    .addColumn('correction', 'text')
    .addColumn('corrected_at', 'text')
    .addColumn('corrected_by', 'text')
    .addColumn('note', 'text')
    .execute()
  await sql`create index acts_by_class on acts (class, id)`.execute(db)
  await sql`
    create index acts_by_proposal on acts (proposal_id) where proposal_id is not null`.execute(db)
  await sql`create index acts_at_once on acts (class, decided_at) where at_once = 1`.execute(db)
  await ringOnChange(db, 'acts')
}

const questions = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('questions')
    .addColumn('id', ...countingId(db))
    .addColumn('turn_id', 'text')
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('options', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('answer', 'text')
    .addColumn('answered_by', 'text')
    .addColumn('answered_via', 'text')
    .addColumn('answer_turn_id', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('answered_at', 'text')
    .execute()
  await sql`create index questions_open on questions (id) where state = 'open'`.execute(db)
  await sql`create index questions_by_turn on questions (turn_id)`.execute(db)
  await ringOnChange(db, 'questions')
}

/** Sums that stay when turns and runs are gone. */
const usage = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('usage_days')
    .addColumn('day', 'text', (c) => c.notNull())
    // chat, digest or worker.
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('times', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('tokens_in', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('tokens_out', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('tokens_cached', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('cost_usd', 'double precision', (c) => c.notNull().defaultTo(0))
    // How many of them told no price, so that the sum is known to be too low.
    .addColumn('unpriced', 'bigint', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('one_sum_per_day_and_kind', ['day', 'kind'])
    .execute()
  await ringOnChange(db, 'usage_days')
}
