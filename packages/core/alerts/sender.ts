import type { Database } from '@mc/db/database.ts'
import type { Bell } from '../bell.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Alert } from './alert.ts'
import type { Batch } from './batch.ts'
import type { Button, Message } from './channel.ts'
import { channelLabels, channelSettings, createChannels } from './channels.ts'
import { alertMessage } from './message.ts'
import { createOutbox } from './outbox.ts'
import { type AlertSettings, noAlertSettings } from './settings.ts'
import { spanOf } from './span.ts'

export type SenderDeps = {
  db: Database
  clock: Clock
  log: Log
  telegram: Config['telegram']
  alerting?: AlertSettings
  /** For the link in a message; null leaves it out. */
  publicUrl?: string | null
  /** What stands under a message to the chat. */
  buttonsFor?: (alerts: readonly Alert[]) => Promise<Button[][]>
}

/** Looked at without a ring at least this often. */
const LOOK_MS = 60_000
const BACKOFF_FIRST_MS = 2_000
const BACKOFF_MAX_MS = 15 * 60_000

/**
 * Delivers alerts until the signal aborts. Any number of processes may run one: a lease on each
 * alert keeps them apart, and the pace is kept in common. At least once: after a crash between
 * sending and noting it, the same alert goes out again under the same visible id, and says so.
 */
export const runSender = async (
  { bell, ...deps }: SenderDeps & { bell: Bell },
  signal: AbortSignal,
): Promise<void> => {
  const sender = createSender(deps)
  await trying(deps.log, () => sender.start())
  while (!signal.aborted) {
    const again = await trying(deps.log, async () => {
      while (await sender.sendOnce(signal)) if (signal.aborted) return 0
      return sender.dueIn(LOOK_MS)
    })
    if (!signal.aborted) await bell.wait(again ?? LOOK_MS, signal)
  }
}

/** The steps of the sender; tests call them one by one. */
export const createSender = (deps: SenderDeps) => {
  const { db, clock, log, publicUrl = null, alerting = noAlertSettings } = deps
  const channels = createChannels(deps.telegram, alerting)
  const outbox = createOutbox(db, clock, {
    channels: channels.map(({ name }) => name),
    quiet: alerting.quiet,
    fallbackAfterMs: alerting.fallbackAfterMs,
  })
  let saidUnconfigured = false
  let nextMs: number | null = null

  const write = async (batch: Batch): Promise<Message> => {
    const message = alertMessage({ ...batch, ...headingOf(batch, clock.now()) }, publicUrl)
    if (batch.channel !== 'telegram' || !deps.buttonsFor) return message
    return { ...message, buttons: await deps.buttonsFor(batch.alerts) }
  }

  return {
    /** What waited for a working channel gets its turn, and what was broken another try. */
    async start(): Promise<void> {
      if (channels.length === 0) return
      await outbox.tryAgain()
      await outbox.takeUp()
    },

    /** Sends at most one message. True when there may be more to do at once. */
    async sendOnce(signal: AbortSignal): Promise<boolean> {
      await outbox.tidy()
      if (channels.length === 0) {
        const count = await outbox.giveUp('Telegram is not configured')
        if (count > 0 && !saidUnconfigured) {
          log.warn({ count }, 'Alerts stay on the page: Telegram is not configured')
          saidUnconfigured = true
        }
        return false
      }
      const batch = await outbox.claim()
      if ('waitMs' in batch) {
        nextMs = batch.waitMs
        return false
      }
      const { channel } = channels.find(({ name }) => name === batch.channel) ?? {}
      if (!channel) throw new Error(`The channel ${batch.channel} is not one of those configured`)
      const sent = await channel.send(await write(batch), signal)
      const facts = { alertIds: batch.alerts.map((alert) => alert.id), channel: batch.channel }
      if (sent.status === 'sent') {
        const wasBroken = await outbox.sent(batch, sent.ref)
        log.info(facts, 'Alert sent')
        if (wasBroken) await outbox.takeUp()
      } else if (sent.status === 'broken') {
        const isNew = await outbox.drop(batch, sent.reason, sent.reason)
        if (isNew)
          log.warn(
            { channel: batch.channel, reason: sent.reason },
            `${channelLabels[batch.channel]} refuses our messages: check ${channelSettings[batch.channel]}`,
          )
      } else if (sent.status === 'refused') {
        await outbox.drop(batch, sent.reason, null)
        log.warn({ ...facts, reason: sent.reason }, 'Alert refused by its channel')
      } else {
        const wait = await outbox.hold(batch, sent.reason, {
          afterMs: (failures) => (sent.status === 'wait' ? sent.afterMs : backoffMs(failures)),
          // Broken off because we stop says nothing of the channel.
          isFailure: sent.status === 'retry' && !signal.aborted,
          unsure: sent.status === 'retry' && sent.unsure === true,
        })
        log.warn({ ...facts, reason: sent.reason, retryInMs: wait }, 'Alert not sent yet')
      }
      return true
    },

    /** Milliseconds until there may be something to send, at most `most`. */
    dueIn: async (most: number): Promise<number> => Math.min(most, nextMs ?? most),
  }
}

/** Doubles from two seconds to a quarter of an hour. */
export const backoffMs = (failures: number): number =>
  Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 20))

/** An outage shorter than this is no news of its own. */
const OUTAGE_TOLD_MS = 5 * 60_000

/** Why several come together. */
const headingOf = (batch: Batch, now: Date): { heading?: string } => {
  const { alerts, before, form, channel, unheard } = batch
  const { downSince } = before
  if (form !== 'summary' && unheard === 0) return {}
  const count = alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`
  if (downSince && now.getTime() - Date.parse(downSince) >= OUTAGE_TOLD_MS) {
    const expired = unheard > 0 ? `, ${unheard} more expired unheard` : ''
    return {
      heading: `${channelLabels[channel]} was away for ${spanOf(downSince, now)}: ${count} still open${expired}`,
    }
  }
  if (form !== 'summary') return {}
  if (alerts.some((alert) => alert.held === 'quiet'))
    return { heading: `Quiet hours are over: ${count}` }
  if (alerts.some((alert) => alert.held === 'mute')) return { heading: `No longer muted: ${count}` }
  return { heading: count }
}

/** A database that is away for a moment must not end the sender: logged, then tried again. */
const trying = async <T>(log: Log, act: () => Promise<T>): Promise<T | null> => {
  try {
    return await act()
  } catch (error) {
    log.error({ err: error }, 'The alert sender failed and will try again')
    return null
  }
}
