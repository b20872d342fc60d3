import type { OrchestratorInboxTable } from '@mc/db/schema.ts'
import type { BuildStatement, MakeHole } from '@mc/db/statement.ts'
import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'

/**
 * The hot statements of the inbox. Statuses are literals, never parameters: with a parameter
 * SQLite could not use the partial indexes.
 */

const rank = sql`(case priority when 'critical' then 0 when 'low' then 2 else 1 end)`
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

type Dialect = 'sqlite' | 'postgres'

/**
 * SQLite's planner prefers the proposal's index and sorts (356 ms a claim at 1,000,000 pending
 * rows), so it is told which index; Postgres finds the partial ones by itself.
 */
const inboxBy = (dialect: Dialect, index: string) =>
  dialect === 'sqlite'
    ? sql`orchestrator_inbox indexed by ${sql.ref(index)}`
    : sql`orchestrator_inbox`

const pendingBy = (dialect: Dialect) => inboxBy(dialect, 'orchestrator_inbox_pending')
const claimedBy = (dialect: Dialect) => inboxBy(dialect, 'orchestrator_inbox_claimed')
const strayBy = (dialect: Dialect) => inboxBy(dialect, 'orchestrator_inbox_stray')

const raw =
  (write: (hole: MakeHole) => RawBuilder<unknown>): BuildStatement =>
  (db, hole) => ({ compile: () => write(hole).compile(db) })

/** What waits, in the order it will be drained. */
export const waiting = (dialect: Dialect): BuildStatement =>
  raw(
    (hole) => sql`
      select * from ${pendingBy(dialect)}
      where status = 'pending' order by ${rank}, id limit ${hole('limit')}`,
  )

/** What waits in one rank after an id, by the same index. Executed as it is: lists differ. */
export const waitingAt = (
  dialect: Dialect,
  at: { rank: number; after: number; where: RawBuilder<SqlBool>; limit: number },
): RawBuilder<Selectable<OrchestratorInboxTable>> => sql`
  select * from ${pendingBy(dialect)}
  where status = 'pending' and ${rank} = ${at.rank} and id > ${at.after} and ${at.where}
  order by id limit ${at.limit}`

/** Two probes, microseconds each on their own index: one WHERE with "pending OR expired" scans. */
export const stray = (dialect: Dialect): BuildStatement =>
  raw(() => sql`select id from ${strayBy(dialect)} where ${isStray} limit 1`)

export const takeInStray = (dialect: Dialect): BuildStatement =>
  raw(() => sql`update ${strayBy(dialect)} set status = 'pending' where ${isStray}`)

export const expired = (dialect: Dialect): BuildStatement =>
  raw(
    (hole) => sql`
      select id from ${claimedBy(dialect)}
      where status = 'claimed' and claim_expires_at < ${hole('now')} limit 1`,
  )

export const reclaim = (dialect: Dialect): BuildStatement =>
  raw(
    (hole) => sql`
      update ${claimedBy(dialect)}
      set status = 'pending', claim_expires_at = null, claimed_by = null,
          tries = coalesce(tries, 0) + 1
      where status = 'claimed' and claim_expires_at < ${hole('now')}`,
  )

export const oldestLow = (dialect: Dialect): BuildStatement =>
  raw(
    () => sql`
      select created_at from ${pendingBy(dialect)}
      where status = 'pending' and ${rank} = 2 order by id limit 1`,
  )

export const claimByRank = (dialect: Dialect, countMax: number): BuildStatement =>
  claimWhere(dialect, countMax, sql`true`, sql`${rank}, id`)

export const claimAgedLow = (dialect: Dialect, countMax: number): BuildStatement =>
  claimWhere(dialect, countMax, sql`${rank} = 2`, sql`id`)

/**
 * One autocommit statement. Safe on SQLite because a writer is alone; on Postgres because SKIP
 * LOCKED passes over rows another claim holds, and MATERIALIZED keeps the planner from running the
 * inner query more than once. The limit is a literal: with a parameter SQLite takes a third longer.
 */
const claimWhere = (
  dialect: Dialect,
  countMax: number,
  which: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): BuildStatement =>
  raw((hole) => {
    const set = sql`status = 'claimed', claim_expires_at = ${hole('claim_expires_at')}, claimed_by = ${hole('claimed_by')}, claimed_at = ${hole('claimed_at')}`
    const next = sql`
      select id from ${pendingBy(dialect)} where status = 'pending' and ${which}
      order by ${order} limit ${sql.lit(countMax)}`
    return dialect === 'sqlite'
      ? sql`update orchestrator_inbox set ${set} where id in (${next}) returning *`
      : sql`with next as materialized (${next} for update skip locked)
            update orchestrator_inbox set ${set} where id in (select id from next) returning *`
  })

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
      // Though the clock was set back, after all that is in the counts by day (see tally.ts): a digit
      // more is later. What another program wrote there in a form of its own is left alone.
      processed_at: sql<string>`coalesce((
        select processed_at || '1' from items_counted
        where items_counted.status = ${hole('status')} and processed_at >= ${hole('processed_at')}
          and processed_at like '% %.%' and rtrim(processed_at, '0123456789-:. ') = ''),
        ${hole('processed_at')})`,
      claim_expires_at: null,
      verdict: hole('verdict'),
      decided_by: hole('decided_by'),
      reason: hole('reason'),
    })
    .where('id', '=', hole('id'))
    .where(isClaimed)
    .where('claim_expires_at', '=', hole('lease'))
