import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { ChannelName } from './channel.ts'
import {
  readChannelState,
  recovered,
  type SlotKind,
  saveChannelState,
  slotFreeAt,
  withSlot,
} from './channel-state.ts'
import { alone, changeChannel } from './one-sender.ts'

/** When a channel may be used, and whether it works: common to all that send through it. */
export const createChannelPace = (db: Database, clock: Clock, channels: readonly ChannelName[]) => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))

  return {
    state: (channel: ChannelName = 'telegram') => readChannelState(db, clock, channel),

    /**
     * Takes a place in the pace of the chat. 0: it is taken, send now. Else milliseconds until
     * another try. Alerts, summaries and replies share one message a second and 15 a minute.
     */
    takeSlot: (kind: SlotKind, channel: ChannelName = 'telegram'): Promise<number> =>
      alone(db, async (tx) => {
        const now = clock.now().getTime()
        const state = await readChannelState(tx, clock, channel)
        const wait = slotFreeAt(state, kind, now) - now
        if (wait > 0) return wait
        await saveChannelState(tx, clock, channel, withSlot(state, now))
        return 0
      }),

    /** The channel asked for a rest (`retry_after`): nobody sends before it is over. */
    rest: (ms: number, channel: ChannelName = 'telegram'): Promise<void> =>
      alone(db, async (tx) => {
        const until = at(ms)
        await changeChannel(tx, clock, channel, (before) =>
          until > before.notBefore ? { ...before, notBefore: until } : before,
        )
      }),

    /** A person may have mended it: every channel is tried again at the next message. */
    tryAgain: (): Promise<void> =>
      alone(db, async (tx) => {
        for (const channel of channels) {
          const state = await readChannelState(tx, clock, channel)
          if (state.retryAt !== null)
            await saveChannelState(tx, clock, channel, { ...state, retryAt: null })
        }
      }),

    /** A message of another kind (a test) got through, or did not. True: it had been broken. */
    heard: (
      channel: ChannelName,
      outcome: { status: 'sent' } | { status: 'broken'; reason: string },
    ): Promise<boolean> =>
      alone(db, async (tx) => {
        const before = await changeChannel(tx, clock, channel, (state) =>
          outcome.status === 'sent'
            ? { ...state, ...recovered, lastSentAt: at() }
            : { ...state, problem: outcome.reason, lastError: outcome.reason },
        )
        return before.problem !== null
      }),
  }
}
