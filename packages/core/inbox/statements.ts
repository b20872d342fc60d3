import type { BuildStatement } from '@mc/db/statement.ts'
import { sql } from 'kysely'

/**
 * The hot statements of the inbox. Statuses are literals, never parameters: with a parameter
 * SQLite could not use the partial indexes.
 */

const rank = sql`(case priority when 'critical' then 0 when 'low' then 2 else 1 end)`
const isPending = sql<boolean>`status = 'pending'`
const isClaimed = sql<boolean>`status = 'claimed'`
const isStray = sql<boolean>`(status is null or status not in ('pending', 'claimed', 'processed', 'ignored'))`

export const post: BuildStatement = (db, hole) =>
  db
    .insertInto('orchestrator_inbox')
    .values({
      source_type: hole('source_type'),
      source_id: hole('source_id'),
      message: hole('message'),
      priority: hole('priority'),
      created_at: hole('created_at'),
      kind: hole('kind'),
      fingerprint: hole('fingerprint'),
      detail: hole('detail'),
      run_id: hole('run_id'),
    })
    .returning('id')

/** Two probes, microseconds each on their own index: one WHERE with "pending OR expired" scans. */
export const stray: BuildStatement = (db) =>
  db.selectFrom('orchestrator_inbox').select('id').where(isStray).limit(1)

export const takeInStray: BuildStatement = (db) =>
  db.updateTable('orchestrator_inbox').set({ status: 'pending' }).where(isStray)

export const expired: BuildStatement = (db, hole) =>
  db
    .selectFrom('orchestrator_inbox')
    .select('id')
    .where(isClaimed)
    .where('claim_expires_at', '<', hole('now'))
    .limit(1)

export const reclaim: BuildStatement = (db, hole) =>
  db
    .updateTable('orchestrator_inbox')
    .set({
      status: 'pending',
      claim_expires_at: null,
      claimed_by: null,
      tries: sql`coalesce(tries, 0) + 1`,
    })
    .where(isClaimed)
    .where('claim_expires_at', '<', hole('now'))

export const oldestLow: BuildStatement = (db) =>
  db
    .selectFrom('orchestrator_inbox')
    .select('created_at')
    .where(isPending)
    .where(sql<boolean>`${rank} = 2`)
    .orderBy('id')
    .limit(1)

type Dialect = 'sqlite' | 'postgres'

export const claimByRank = (dialect: Dialect): BuildStatement => claimWhere(dialect, sql`true`)

export const claimAgedLow = (dialect: Dialect): BuildStatement =>
  claimWhere(dialect, sql`${rank} = 2`)

/**
 * One autocommit statement. Safe on SQLite because a writer is alone; on Postgres because SKIP
 * LOCKED passes over rows another claim holds, and MATERIALIZED keeps the planner from running the
 * inner query more than once.
 */
const claimWhere =
  (dialect: Dialect, which: ReturnType<typeof sql>): BuildStatement =>
  (db, hole) => {
    const set = sql`status = 'claimed', claim_expires_at = ${hole('claim_expires_at')}, claimed_by = ${hole('claimed_by')}`
    const next = sql`
      select id from orchestrator_inbox where status = 'pending' and ${which}
      order by ${rank}, id limit ${hole('limit')}`
    const statement =
      dialect === 'sqlite'
        ? sql`update orchestrator_inbox set ${set} where id in (${next}) returning *`
        : sql`with next as materialized (${next} for update skip locked)
              update orchestrator_inbox set ${set} where id in (select id from next) returning *`
    return { compile: () => statement.compile(db) }
  }

export const renew: BuildStatement = (db, hole) =>
  db
    .updateTable('orchestrator_inbox')
    .set({ claim_expires_at: hole('until') })
    .where('id', '=', hole('id'))
    .where(isClaimed)
    .where('claim_expires_at', '=', hole('lease'))

export const release: BuildStatement = (db, hole) =>
  db
    .updateTable('orchestrator_inbox')
    .set({ status: 'pending', claim_expires_at: null, claimed_by: null, digest_id: null })
    .where('id', '=', hole('id'))
    .where(isClaimed)
    .where('claim_expires_at', '=', hole('lease'))

/** Fenced by the lease: without it a stale worker completes somebody else's second try. */
export const settle: BuildStatement = (db, hole) =>
  db
    .updateTable('orchestrator_inbox')
    .set({
      status: hole('status'),
      processed_at: hole('processed_at'),
      claim_expires_at: null,
      verdict: hole('verdict'),
      decided_by: hole('decided_by'),
      reason: hole('reason'),
    })
    .where('id', '=', hole('id'))
    .where(isClaimed)
    .where('claim_expires_at', '=', hole('lease'))
