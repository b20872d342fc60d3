import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { type Batch, endLease } from './batch.ts'
import type { ChannelName } from './channel.ts'
import { readChannelState, recovered, withoutTold } from './channel-state.ts'
import { createDeliveries } from './deliveries.ts'
import { giveUp } from './give-up.ts'
import { alone, changeChannel } from './one-sender.ts'

/** A broken channel that another stands in for is tried again this often. */
const TRY_BROKEN_AGAIN_MS = 15 * 60_000

/** How a message can end: it arrived, it is tried again, or it will not arrive this way. */
export const createMessageEnds = (db: Database, clock: Clock, channels: readonly ChannelName[]) => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))

  return {
    /**
     * It arrived. What a person did with the alert meanwhile stays, and what became critical
     * meanwhile goes again. True: it had been broken.
     */
    sent: (batch: Batch, ref: string): Promise<boolean> =>
      alone(db, async (tx) => {
        const ids = batch.alerts.map((alert) => alert.id)
        await tx.kysely
          .updateTable('alerts')
          .set({ sent_at: at(), channel_ref: ref, last_error: null, held: null })
          .where('id', 'in', ids)
          .execute()
        // It was told in the words of before.
        await endLease(tx, batch, { state: 'queued' }, batch.at)
        await endLease(tx, batch, { state: 'sent' })
        // That something is over, or how the week was, asks nothing of anybody.
        await tx.kysely
          .updateTable('alerts')
          .set({ state: 'resolved', resolved_at: at() })
          .where('id', 'in', ids)
          .where('kind', 'in', ['recovered', 'report'])
          .where('state', '=', 'sent')
          .execute()
        await createDeliveries(tx, clock).end(batch.message, { state: 'sent', ref })
        const before = await changeChannel(tx, clock, batch.channel, (state) => ({
          ...state,
          ...recovered,
          lastSentAt: at(),
        }))
        return before.problem !== null
      }),

    /** It did not arrive: the rows wait again, and so does the whole channel for `afterMs`. */
    hold: (
      batch: Batch,
      reason: string,
      {
        afterMs,
        isFailure,
        unsure = false,
      }: { afterMs: (failures: number) => number; isFailure: boolean; unsure?: boolean },
    ): Promise<number> =>
      alone(db, async (tx) => {
        await endLease(tx, batch, { state: 'queued', last_error: reason })
        const state = unsure ? 'unknown' : 'failed'
        await createDeliveries(tx, clock).end(batch.message, { state, error: reason })
        const { failures } = await readChannelState(tx, clock, batch.channel)
        const wait = afterMs(failures + 1)
        await changeChannel(tx, clock, batch.channel, (state) => ({
          ...withoutTold(state, batch.budget, batch.at),
          ...(isFailure ? { failures: failures + 1, downSince: state.downSince ?? at() } : {}),
          notBefore: at(wait),
          lastError: reason,
        }))
        return wait
      }),

    /**
     * It will not arrive this way. `problem` (null: only this message) is the channel's from now
     * on; then the alerts take the next channel, if there is one. True: the problem is new.
     */
    drop: (batch: Batch, reason: string, problem: string | null): Promise<boolean> =>
      alone(db, async (tx) => {
        const standIn = channels.indexOf(batch.channel) < channels.length - 1
        if (problem !== null && standIn)
          await endLease(tx, batch, { state: 'queued', last_error: reason })
        else await giveUp(tx, clock, batch, reason)
        await createDeliveries(tx, clock).end(batch.message, { state: 'failed', error: reason })
        const before = await changeChannel(tx, clock, batch.channel, (state) => ({
          ...withoutTold(state, batch.budget, batch.at),
          lastError: reason,
          ...(problem === null
            ? {}
            : {
                problem,
                downSince: state.downSince ?? at(),
                retryAt: standIn ? at(TRY_BROKEN_AGAIN_MS) : null,
              }),
        }))
        return before.problem === null
      }),
  }
}
