import { sql } from 'kysely'
import { isoTime } from '../clock.ts'
import type { Sweeping } from './retention.ts'

const BATCH = 100

/**
 * Proposals decided as long ago as turns are kept. Kept are those that wait for a person, and those
 * of which a ticket is open. What became of their steps stays as acts. Returns how many went.
 */
export const forgetProposals = async (sweeping: Sweeping): Promise<number> => {
  const { db, clock, keep, signal, pause } = sweeping
  const before = isoTime(new Date(clock.now().getTime() - keep.turnsMs))
  let count = 0
  while (!signal.aborted) {
    const { numAffectedRows = 0n } = await sql`
      delete from proposals where id in (
        select p.id from proposals p
        where p.state not in ('open', 'changes_asked') and p.decided_at < ${before}
          and not exists (
            select 1 from tickets k where k.proposal_id = p.id and k.closed_at is null)
        limit ${sql.lit(BATCH)})`.execute(db.kysely)
    count += Number(numAffectedRows)
    if (numAffectedRows < BATCH) break
    await pause()
  }
  return count
}
