import type { Database } from '@mc/db/database.ts'
import type { Bell } from '../bell.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Channel } from './channel.ts'
import { alertMessage } from './message.ts'
import { createOutbox } from './outbox.ts'
import { createTelegram } from './telegram.ts'

export type SenderDeps = {
  db: Database
  clock: Clock
  log: Log
  telegram: Config['telegram']
  /** For the link in a message; null leaves it out. */
  publicUrl?: string | null
}

/** Looked at without a ring at least this often. */
const LOOK_MS = 60_000
const BACKOFF_FIRST_MS = 2_000
const BACKOFF_MAX_MS = 15 * 60_000

/**
 * Delivers alerts until the signal aborts. Any number of processes may run one: a lease on each
 * alert keeps them apart, and the pace is kept in common. At least once: after a crash between
 * sending and noting it, the same alert goes out again under the same visible id.
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
export const createSender = ({ db, clock, log, telegram, publicUrl = null }: SenderDeps) => {
  const outbox = createOutbox(db, clock)
  const channel = channelOf(telegram)
  let saidUnconfigured = false
  return {
    /** What waited for a working channel gets its turn. */
    async start(): Promise<void> {
      if (channel) await outbox.takeUp()
    },

    /** Sends at most one message. True when there may be more to do at once. */
    async sendOnce(signal: AbortSignal): Promise<boolean> {
      await outbox.tidy()
      if (!channel) {
        const count = await outbox.giveUp('Telegram is not configured')
        if (count > 0 && !saidUnconfigured) {
          log.warn({ count }, 'Alerts stay on the page: Telegram is not configured')
          saidUnconfigured = true
        }
        return false
      }
      const batch = await outbox.claim()
      if (!batch) return false
      const alertIds = batch.alerts.map((alert) => alert.id)
      const sent = await channel.send(
        { html: alertMessage(batch.alerts, publicUrl), text: '' },
        signal,
      )
      if (sent.status === 'sent') {
        const wasBroken = await outbox.sent(batch, sent.ref)
        log.info({ alertIds }, 'Alert sent')
        if (wasBroken) await outbox.takeUp()
      } else if (sent.status === 'broken') {
        const isNew = await outbox.drop(batch, sent.reason, sent.reason)
        if (isNew)
          log.warn(
            { reason: sent.reason },
            'Telegram refuses our messages: check MC_TELEGRAM_TOKEN and MC_TELEGRAM_CHAT_ID',
          )
      } else if (sent.status === 'refused') {
        await outbox.drop(batch, sent.reason, null)
        log.warn({ alertIds, reason: sent.reason }, 'Alert refused by Telegram')
      } else {
        const wait = await outbox.hold(batch, sent.reason, (failures) =>
          sent.status === 'wait' ? sent.afterMs : backoffMs(failures),
        )
        log.warn({ alertIds, reason: sent.reason, retryInMs: wait }, 'Alert not sent yet')
      }
      return true
    },

    /** Milliseconds until there may be something to send, at most `most`. */
    dueIn: (most: number): Promise<number> =>
      channel ? outbox.dueIn(most) : Promise.resolve(most),
  }
}

/** Doubles from two seconds to a quarter of an hour. */
export const backoffMs = (failures: number): number =>
  Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 20))

const channelOf = ({ token, chatId, apiRoot }: Config['telegram']): Channel | null =>
  token && chatId ? createTelegram({ token, chatId, apiRoot }) : null

/** A database that is away for a moment must not end the sender: logged, then tried again. */
const trying = async <T>(log: Log, act: () => Promise<T>): Promise<T | null> => {
  try {
    return await act()
  } catch (error) {
    log.error({ err: error }, 'The alert sender failed and will try again')
    return null
  }
}
