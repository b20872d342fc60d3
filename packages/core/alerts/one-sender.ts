import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import type { ChannelName } from './channel.ts'
import { type ChannelState, readChannelState, saveChannelState } from './channel-state.ts'

/** One at a time: the pace and the budgets are common to all senders. */
export const alone = <T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await lockName(tx, 'alerts.outbox')
    return work(tx)
  })

/** Returns the state of before. To be called while `alone`. */
export const changeChannel = async (
  tx: Database,
  clock: Clock,
  channel: ChannelName,
  next: (before: ChannelState) => ChannelState,
): Promise<ChannelState> => {
  const before = await readChannelState(tx, clock, channel)
  await saveChannelState(tx, clock, channel, next(before))
  return before
}
