import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { countingId, ringOnChange } from './columns.ts'

/** Tickets, turns, tasks and runs, digests and verdicts, alerts, workers, credentials, settings. */
export const nouns: Migration = {
  async up(db) {
    await tickets(db)
    await turns(db)
    await schedule(db)
    await triage(db)
    await alerts(db)
    await desk(db)
    for (const table of ['tickets', 'ticket_events', 'turns', 'tasks', 'runs', 'digests'])
      await ringOnChange(db, table)
    for (const table of ['verdicts', 'alerts', 'settings', 'proposals'])
      await ringOnChange(db, table)
  },
}

const tickets = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('tickets')
    .addColumn('id', ...countingId(db))
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('resolution', 'text')
    .addColumn('priority', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text')
    .addColumn('parent_id', 'bigint')
    .addColumn('occurrences', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addColumn('closed_at', 'text')
    .addCheckConstraint(
      'closed_at_only_when_closed',
      sql`(status in ('done', 'cancelled')) = (closed_at is not null)`,
    )
    .execute()
  await sql`
    create unique index one_open_ticket_per_fingerprint on tickets (fingerprint)
      where fingerprint is not null and closed_at is null`.execute(db)
  await sql`create index tickets_by_status on tickets (status, id)`.execute(db)
  await sql`create index tickets_open on tickets (id) where closed_at is null`.execute(db)
  await db.schema
    .createTable('ticket_events')
    .addColumn('id', ...countingId(db))
    .addColumn('ticket_id', 'bigint', (c) => c.notNull().references('tickets.id'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('body', 'text')
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .execute()
  await sql`create index ticket_events_by_ticket on ticket_events (ticket_id, id)`.execute(db)
  await db.schema
    .createTable('ticket_links')
    .addColumn('ticket_id', 'bigint', (c) => c.notNull().references('tickets.id'))
    .addColumn('blocked_by_id', 'bigint', (c) => c.notNull().references('tickets.id'))
    .addPrimaryKeyConstraint('a_link_is_drawn_once', ['ticket_id', 'blocked_by_id'])
    .addCheckConstraint('no_ticket_blocks_itself', sql`ticket_id <> blocked_by_id`)
    .execute()
}

const turns = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('turns')
    .addColumn('seq', ...countingId(db))
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('author', 'text')
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reply', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('problem', 'text')
    .addColumn('evidence', 'text')
    .addColumn('prompt', 'text')
    .addColumn('digest_id', 'text')
    .addColumn('profile', 'text')
    .addColumn('conversation', 'text')
    .addColumn('tokens_in', 'integer')
    .addColumn('tokens_out', 'integer')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('typed_at', 'text')
    .addColumn('received_at', 'text')
    .addColumn('answering_at', 'text')
    .addColumn('ended_at', 'text')
    .addCheckConstraint('no_evidence_no_success', sql`state <> 'answered' or evidence is not null`)
    .execute()
  // Whole, not partial: asked with the state as a parameter, SQLite would pass over a partial one.
  await sql`create index turns_by_state on turns (state, seq)`.execute(db)
  await sql`create index turns_by_digest on turns (digest_id) where digest_id is not null`.execute(
    db,
  )
}

const schedule = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('tasks')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('definition', 'text', (c) => c.notNull())
    .addColumn('present', 'integer', (c) => c.notNull())
    .addColumn('next_run_at', 'text')
    .addColumn('last_slot', 'text')
    .addColumn('paused_at', 'text')
    .addColumn('paused_until', 'text')
    .addColumn('paused_reason', 'text')
    .addColumn('paused_by', 'text')
    .addColumn('run_requested_at', 'text')
    .addColumn('run_requested_by', 'text')
    .addColumn('consecutive_failures', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('consecutive_skips', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('last_fingerprint', 'text')
    .addColumn('same_fingerprint', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('failing_since', 'text')
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  await sql`create index tasks_due on tasks (next_run_at) where next_run_at is not null`.execute(db)
  await db.schema
    .createTable('runs')
    .addColumn('seq', ...countingId(db))
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('task_id', 'text')
    .addColumn('ticket_id', 'bigint')
    .addColumn('slot', 'text')
    .addColumn('first_slot', 'text')
    .addColumn('slots', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('trigger', 'text', (c) => c.notNull())
    .addColumn('requested_by', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('command', 'text')
    .addColumn('cwd', 'text')
    .addColumn('worker_id', 'text')
    .addColumn('beat_at', 'text')
    .addColumn('pid', 'integer')
    .addColumn('process_started', 'text')
    .addColumn('queued_at', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text')
    .addColumn('ended_at', 'text')
    .addColumn('duration_ms', 'integer')
    .addColumn('exit_code', 'integer')
    .addColumn('signal', 'text')
    .addColumn('cause', 'text')
    .addColumn('fingerprint', 'text')
    .addColumn('output', 'text')
    .addColumn('output_dropped_bytes', 'integer')
    .addCheckConstraint(
      'ended_at_only_when_ended',
      sql`(status in ('queued', 'running')) = (ended_at is null)`,
    )
    .execute()
  await sql`create unique index one_run_per_slot on runs (task_id, slot) where slot is not null`.execute(
    db,
  )
  await sql`create index runs_by_task on runs (task_id, seq)`.execute(db)
  await sql`create index runs_by_ticket on runs (ticket_id) where ticket_id is not null`.execute(db)
  await sql`create index runs_by_status on runs (status, seq)`.execute(db)
}

const triage = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('digests')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('sealed_at', 'text')
    .addColumn('turn_id', 'text')
    .addColumn('verdict_deadline', 'text')
    .addColumn('nudged_at', 'text')
    .addColumn('settled_at', 'text')
    .addColumn('text', 'text')
    .execute()
  // What was handled or silenced, latest first, and today's counts: at 1,000,000 rows in no time.
  await sql`
    create index orchestrator_inbox_settled on orchestrator_inbox (status, processed_at, id)
      where processed_at is not null`.execute(db)
  // What is out of the ordinary is looked for by kind or source; routine posts pay nothing for it.
  await sql`
    create index orchestrator_inbox_kind on orchestrator_inbox (kind, id) where kind <> 'ok'`.execute(
    db,
  )
  await sql`
    create index orchestrator_inbox_source on orchestrator_inbox (source_type, id)
      where source_type <> 'scheduler'`.execute(db)
  await sql`create index digests_by_opening on digests (opened_at, id)`.execute(db)
  await sql`create unique index one_open_digest on digests (state) where state = 'open'`.execute(db)
  await sql`create index digests_sealed on digests (id) where state = 'sealed'`.execute(db)
  await db.schema
    .createTable('verdicts')
    .addColumn('item_id', 'bigint', (c) => c.notNull())
    .addColumn('digest_id', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('decided_by', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('performed_at', 'text')
    .addPrimaryKeyConstraint('one_verdict_per_item_and_digest', ['item_id', 'digest_id'])
    .execute()
  await sql`create index verdicts_to_perform on verdicts (item_id) where performed_at is null`.execute(
    db,
  )
  await db.schema
    .createTable('effects')
    .addColumn('item_id', 'bigint', (c) => c.notNull())
    .addColumn('effect', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('each_effect_once_per_item', ['item_id', 'effect'])
    .execute()
  await db.schema
    .createTable('corrections')
    .addColumn('id', ...countingId(db))
    .addColumn('item_id', 'bigint', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('right_verdict', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .execute()
}

const alerts = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('alerts')
    .addColumn('id', ...countingId(db))
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('item_id', 'bigint')
    .addColumn('ticket_id', 'bigint')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('occurrences', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('last_error', 'text')
    .addColumn('sending_until', 'text')
    .addColumn('sent_at', 'text')
    .addColumn('channel_ref', 'text')
    .addColumn('acknowledged_at', 'text')
    .addColumn('acknowledged_by', 'text')
    .addColumn('snoozed_until', 'text')
    .addColumn('resolved_at', 'text')
    .execute()
  await sql`
    create index alerts_due on alerts (due_at) where state in ('queued', 'sending')`.execute(db)
  await sql`create index alerts_by_fingerprint on alerts (fingerprint, id)`.execute(db)
  await sql`create index alerts_by_state on alerts (state, id)`.execute(db)
}

const desk = async (db: Kysely<unknown>) => {
  await db.schema
    .createTable('workers')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('pid', 'integer', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('beat_at', 'text', (c) => c.notNull())
    .addColumn('doing', 'text', (c) => c.notNull())
    .addColumn('stopped_at', 'text')
    .execute()
  await db.schema
    .createTable('credentials')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('label', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute()
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('set_by', 'text', (c) => c.notNull())
    .addColumn('set_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('request_hash', 'text', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('response', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('proposals')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('turn_id', 'text')
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('tickets', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text')
    .addColumn('decided_by', 'text')
    .execute()
}
