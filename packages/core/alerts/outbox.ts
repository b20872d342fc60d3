import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Batch } from './batch.ts'
import type { ChannelName } from './channel.ts'
import { createChannelPace } from './channel-pace.ts'
import { readChannelState, saveChannelState, withSlot, withTold } from './channel-state.ts'
import { chooseMessage } from './choose.ts'
import { createDeliveries } from './deliveries.ts'
import { giveUp } from './give-up.ts'
import { applyHolds } from './holds.ts'
import { createMessageEnds } from './message-ends.ts'
import { alone } from './one-sender.ts'
import type { QuietHours } from './quiet-hours.ts'
import { createShelfLife } from './shelf-life.ts'
import { anyWaiting, dueNow, nextDue, unheardSince } from './waiting.ts'

export type OutboxOptions = {
  /** Those configured, the first first. */
  channels?: readonly ChannelName[]
  /** Quiet hours of the environment; stored ones win. */
  quiet?: QuietHours | null
  fallbackAfterMs?: number
}

const LEASE_MS = 60_000

/** What a sender does with the alerts table. The state of each channel is one of the settings. */
export const createOutbox = (
  db: Database,
  clock: Clock,
  { channels = ['telegram'], quiet = null, fallbackAfterMs = 5 * 60_000 }: OutboxOptions = {},
) => {
  return {
    ...createChannelPace(db, clock, channels),
    ...createShelfLife(db, clock),
    ...createMessageEnds(db, clock, channels),

    /**
     * Takes what to send next, for LEASE_MS, with its slot in the pace and its place in the budget.
     * Else how long to wait: milliseconds, null when only a change brings something.
     */
    async claim(): Promise<Batch | { waitMs: number | null }> {
      if (!(await anyWaiting(db))) return { waitMs: null }
      return alone(db, async (tx) => {
        await applyHolds(tx, clock, quiet)
        // One moment for all of it: what it counts is found again by it, and nothing comes due between.
        const now = clock.now().getTime()
        const moment = isoTime(new Date(now))
        const due = await dueNow(tx, moment)
        const states = await Promise.all(
          channels.map(async (name) => ({ name, state: await readChannelState(tx, clock, name) })),
        )
        const chosen = chooseMessage({ channels: states, due, now, fallbackAfterMs })
        if (!('alerts' in chosen)) {
          const looks = [...(chosen.at === null ? [] : [chosen.at]), ...(await nextDue(tx, moment))]
          return { waitMs: looks.length > 0 ? Math.max(0, Math.min(...looks) - now) : null }
        }
        const { alerts, ...how } = chosen
        const ids = alerts.map((alert) => alert.id)
        const until = isoTime(new Date(now + LEASE_MS))
        await tx.kysely
          .updateTable('alerts')
          .set((eb) => ({ state: 'sending', sending_until: until, tries: eb('tries', '+', 1) }))
          .where('id', 'in', ids)
          .execute()
        const before = states.find((one) => one.name === how.channel)?.state
        if (!before) throw new Error(`The channel ${how.channel} is not one of those configured`)
        const counted = withTold(withSlot(before, now), how.budget, now)
        await saveChannelState(tx, clock, how.channel, {
          ...counted,
          ...(how.form === 'overflow' ? { overflowAt: moment } : {}),
        })
        const delivery = await createDeliveries(tx, clock).begin(ids, how.channel)
        const unheard = await unheardSince(tx, before.downSince)
        return { ...how, alerts, until, at: moment, before, unheard, ...delivery }
      })
    },

    /** Without any channel alerts stay on the page. Returns how many. */
    async giveUp(reason: string): Promise<number> {
      if (!(await anyWaiting(db))) return 0
      return alone(db, async (tx) => {
        await applyHolds(tx, clock, quiet)
        return giveUp(tx, clock, null, reason)
      })
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>
