import type { Database } from '@mc/db/database.ts'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { createTally } from '../audit/tally.ts'
import { inboxTime, isoTime } from '../clock.ts'
import type { Sweeping } from './retention.ts'

/** A batch holds the write lock for a few milliseconds; posting waits no longer. */
const BATCH = 100

/**
 * An item `i` that nobody needs any more. Kept whatever their age are those
 * - not settled yet, or with a verdict that is still to be performed;
 * - that opened or were counted on a ticket which is open, or of a trouble that has one;
 * - whose alert is still known; - that a person corrected: from these is learned;
 * - not in the counts by day yet, which outlive them.
 */
const unneeded: RawBuilder<SqlBool> = sql<SqlBool>`(
  i.status in ('processed', 'ignored')
  and not exists (
    select 1 from verdicts v where v.item_id = i.id and v.performed_at is null)
  and not exists (
    select 1 from tickets k where k.closed_at is null and k.fingerprint is not null
      and k.fingerprint = i.fingerprint)
  and not exists (
    select 1 from effects e join tickets k on k.id = cast(e.ref as bigint)
    where e.item_id = i.id and e.effect = 'ticket' and k.closed_at is null)
  and not exists (
    select 1 from effects e join alerts a on a.id = cast(e.ref as bigint)
    where e.item_id = i.id and e.effect = 'alert')
  and not exists (select 1 from corrections c where c.item_id = i.id)
  and (i.processed_at is null or exists (
    select 1 from items_counted n where n.status = i.status
      and (n.processed_at, n.item_id) >= (i.processed_at, i.id))))`

/** Items that were settled long enough ago, or before too many others. Returns how many went. */
export const forgetItems = async (sweeping: Sweeping): Promise<number> => {
  const { db, clock, keep, signal, pause } = sweeping
  const tally = createTally(db, clock)
  while (!signal.aborted && !(await tally.countOn())) await pause()
  const before = (ms: number) => inboxTime(new Date(clock.now().getTime() - ms))
  const old = (status: string, ms: number) =>
    sql<SqlBool>`i.status = ${sql.lit(status)} and i.processed_at is not null
      and i.processed_at < ${before(ms)}`
  const surplus = sql<SqlBool>`i.id <= ${(await newestId(db)) - keep.itemsMax}`
  let count = 0
  count += await forgetThose(sweeping, old('ignored', keep.silencedMs), byTime)
  count += await forgetThose(sweeping, old('processed', keep.itemsMs), byTime)
  count += await forgetThose(sweeping, surplus, byId)
  return count
}

const newestId = async (db: Database): Promise<number> => {
  const { rows } = await sql<{ id: number | null }>`
    select max(id) as id from orchestrator_inbox`.execute(db.kysely)
  return Number(rows[0]?.id ?? 0)
}

type Place = { id: number; processed_at: string | null }
type Order = { by: RawBuilder<unknown>; after(last: Place): RawBuilder<SqlBool> }

const byTime: Order = {
  by: sql`i.processed_at, i.id`,
  after: (last) => sql<SqlBool>`(i.processed_at, i.id) > (${last.processed_at}, ${last.id})`,
}

const byId: Order = { by: sql`i.id`, after: (last) => sql<SqlBool>`i.id > ${last.id}` }

/** Each batch goes on after the last: what stays is looked at once, not in every batch. */
const forgetThose = async (
  { db, signal, pause }: Sweeping,
  where: RawBuilder<SqlBool>,
  order: Order,
): Promise<number> => {
  let count = 0
  let rest = where
  while (!signal.aborted) {
    const { rows } = await sql<Place>`
      select i.id, i.processed_at from orchestrator_inbox i where ${rest} and ${unneeded}
      order by ${order.by} limit ${sql.lit(BATCH)}`.execute(db.kysely)
    const last = rows.at(-1)
    if (!last) break
    count += await forgetBatch(
      db,
      rows.map(({ id }) => id),
    )
    if (rows.length < BATCH) break
    rest = sql<SqlBool>`${where} and ${order.after(last)}`
    await pause()
  }
  return count
}

/** In one transaction, with what hangs on them. Returns how many were there: another may do the same. */
const forgetBatch = (db: Database, ids: readonly number[]): Promise<number> =>
  db.transaction(async (tx) => {
    const gone = await tx.kysely
      .deleteFrom('orchestrator_inbox')
      .where('id', 'in', [...ids])
      .where('status', 'in', ['processed', 'ignored'])
      .returning('id')
      .execute()
    if (gone.length === 0) return 0
    const goneIds = gone.map(({ id }) => id)
    await tx.kysely.deleteFrom('effects').where('item_id', 'in', goneIds).execute()
    await tx.kysely.deleteFrom('verdicts').where('item_id', 'in', goneIds).execute()
    return gone.length
  })

/** Digests of which no item is left. */
export const forgetDigests = async ({
  db,
  clock,
  keep,
  signal,
  pause,
}: Sweeping): Promise<number> => {
  const before = isoTime(new Date(clock.now().getTime() - Math.min(keep.itemsMs, keep.silencedMs)))
  let count = 0
  while (!signal.aborted) {
    const { numAffectedRows } = await sql`
      delete from digests where id in (
        select d.id from digests d
        where d.state = 'settled' and d.opened_at < ${before}
          and not exists (select 1 from orchestrator_inbox i where i.digest_id = d.id)
        order by d.opened_at limit ${sql.lit(BATCH)})`.execute(db.kysely)
    const gone = Number(numAffectedRows ?? 0)
    count += gone
    if (gone < BATCH) break
    await pause()
  }
  return count
}
