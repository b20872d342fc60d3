import type { Database } from '@mc/db/database.ts'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { isoTime } from '../clock.ts'
import { NEWEST_KEPT } from './keep.ts'
import type { Sweeping } from './retention.ts'
import { addUp } from './totals.ts'

/** Replies are long: fewer at a time than of items. */
const BATCH = 50

/**
 * Turns that ended long enough ago, or before too many others; those of a digest as soon as it is
 * gone. Kept are open ones, those of a digest that is there or of a proposal that waits, and the
 * newest few. Returns how many went.
 */
export const forgetTurns = async (sweeping: Sweeping): Promise<number> => {
  const { db, clock, keep } = sweeping
  const before = isoTime(new Date(clock.now().getTime() - keep.turnsMs))
  const { rows } = await sql<{ seq: number | null }>`
    select max(seq) as seq from turns`.execute(db.kysely)
  const last = Number(rows[0]?.seq ?? 0)
  const always = last - NEWEST_KEPT
  let count = 0
  // Each by an index of its own: to look at all turns is to read all replies.
  count += await forgetThose(sweeping, always, sql<SqlBool>`t.ended_at < ${before}`)
  count += await forgetThose(sweeping, always, sql<SqlBool>`t.seq <= ${last - keep.turnsMax}`)
  count += await forgetThose(sweeping, always, sql<SqlBool>`t.digest_id is not null`)
  return count
}

const forgetThose = async (
  sweeping: Sweeping,
  always: number,
  where: RawBuilder<SqlBool>,
): Promise<number> => {
  const { db, signal, pause } = sweeping
  let count = 0
  while (!signal.aborted) {
    const { rows } = await sql<{ id: string }>`
      select t.id from turns t
      where ${where} and t.seq <= ${always} and t.ended_at is not null
        and not exists (select 1 from digests d where d.id = t.digest_id)
        and not exists (
          select 1 from proposals p where p.turn_id = t.id and p.state in ('open', 'changes_asked'))
        and not exists (
          select 1 from questions q where q.turn_id = t.id and q.state = 'open')
      limit ${sql.lit(BATCH)}`.execute(db.kysely)
    if (rows.length === 0) break
    const gone = await forgetBatch(
      db,
      rows.map(({ id }) => id),
    )
    count += gone
    if (gone === 0 || rows.length < BATCH) break
    await pause()
  }
  return count
}

const forgetBatch = (db: Database, ids: readonly string[]): Promise<number> =>
  db.transaction(async (tx) => {
    const gone = await tx.kysely
      .deleteFrom('turns')
      .where('id', 'in', [...ids])
      .returning(['origin', 'state', 'created_at', 'tokens_in', 'tokens_out'])
      .execute()
    await addUp(
      tx,
      'turn_totals',
      gone.map((turn) => ({
        keys: { day: turn.created_at.slice(0, 10), origin: turn.origin, state: turn.state },
        sums: { turns: 1, tokens_in: turn.tokens_in ?? 0, tokens_out: turn.tokens_out ?? 0 },
      })),
    )
    return gone.length
  })
