import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createMutes } from '@mc/core/alerts/mutes.ts'
import { createSender } from '@mc/core/alerts/sender.ts'
import { type AlertSettings, noAlertSettings } from '@mc/core/alerts/settings.ts'
import { type Log, silentLog } from '@mc/core/log.ts'
import type { Database } from '@mc/db/database.ts'
import type { Test } from 'tap'
import { startBotApi } from './bot-api.ts'
import { createTestClock } from './clock.ts'

const never = new AbortController().signal

export const listeningLog = () => {
  const lines: string[] = []
  const add = (facts: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(facts)}`)
  const log: Log = { ...silentLog, info: add, warn: add, error: add }
  return { log, lines }
}

export type AlertDeskOptions = {
  /** Null: no Telegram. */
  token?: string | null
  chatId?: string
  alerting?: Partial<AlertSettings>
  start?: string
}

/** A sender whose time the test owns, before a Bot API on loopback. */
export const openAlertDesk = async (test: Test, db: Database, over: AlertDeskOptions = {}) => {
  const bot = await startBotApi(test)
  const clock = createTestClock(over.start)
  const { log, lines } = listeningLog()
  const telegram = {
    token: over.token === undefined ? bot.token : over.token,
    chatId: over.chatId ?? '42',
    allowedUsers: [],
    apiRoot: bot.url,
  }
  const alerting = { ...noAlertSettings, ...over.alerting }
  const deps = { db, clock, log, telegram, alerting }
  const sender = createSender(deps)
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 4 * 3_600_000 })
  const raise = (name: string, severity: 'critical' | 'normal' = 'normal', kind = 'failed') =>
    alerts.raise({ fingerprint: name, severity, kind, title: name, text: 'it broke' })
  const drain = async () => {
    while (await sender.sendOnce(never));
  }
  return {
    bot,
    clock,
    log,
    lines,
    telegram,
    deps,
    sender,
    alerts,
    mutes: createMutes(db, clock),
    raise,
    drain,
    /** Time passes in steps, and the sender does what is due at each. */
    async pass(ms: number, stepMs = Math.min(ms, 1_000)): Promise<void> {
      for (let gone = 0; gone < ms; gone += stepMs) {
        await clock.advance(stepMs)
        await drain()
      }
    },
    /** First lines of what the chat got. */
    told: () => bot.messages.map((message) => message.text.split('\n')[0]),
  }
}
