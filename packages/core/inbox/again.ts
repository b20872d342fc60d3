import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createInbox } from './inbox.ts'
import type { Item } from './item.ts'

/**
 * A person wants an item handled anew: one that a pickup holds is given back at once, one that was
 * set aside is pending again with all its tries. Throws `not_found` and `conflict`.
 */
export const handleAgain = (db: Database, clock: Clock, id: number): Promise<Item> =>
  db.transaction(async (tx) => {
    const inbox = createInbox(tx, clock)
    const item = await inbox.find(id)
    if (!item) throw new AppError('not_found', `There is no item ${id}`)
    if (item.status === 'claimed') {
      if (!(await inbox.release(item)))
        throw new AppError('conflict', `Item ${id} has just been handled`, { stale: true })
    } else if (item.decidedBy === SET_ASIDE) {
      if (!(await takeUp(tx, id)))
        throw new AppError('conflict', `Item ${id} has just been taken up`, { stale: true })
    } else
      throw new AppError('conflict', `Item ${id} is ${item.status}`, {
        hint: 'What is held by a pickup or was set aside can be handled again; of what is settled say what was right.',
      })
    return (await inbox.find(id)) ?? item
  })

const SET_ASIDE = 'rule:set_aside'

/** As it was posted; what was decided of it is decided again. False: it is set aside no more. */
const takeUp = async (tx: Database, id: number): Promise<boolean> => {
  const { numUpdatedRows } = await tx.kysely
    .updateTable('orchestrator_inbox')
    .set({
      status: 'pending',
      processed_at: null,
      claim_expires_at: null,
      claimed_by: null,
      tries: 0,
      digest_id: null,
      verdict: null,
      decided_by: null,
      reason: null,
    })
    .where('id', '=', id)
    .where('decided_by', '=', SET_ASIDE)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
