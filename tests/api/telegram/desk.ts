import { createNouns } from '@mc/api/nouns.ts'
import { runTelegram } from '@mc/api/telegram/run.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createSender } from '@mc/core/alerts/sender.ts'
import { openBell } from '@mc/core/bell.ts'
import type { Log } from '@mc/core/log.ts'
import { silentLog } from '@mc/core/log.ts'
import { buttonsFor } from '@mc/core/telegram/buttons.ts'
import type { Database } from '@mc/db/database.ts'
import type { Test } from 'tap'
import { startApp } from '../../support/app.ts'
import { type BotApi, startBotApi } from '../../support/bot-api.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { until } from '../../support/until.ts'

type Over = {
  env?: Record<string, string>
  bot?: BotApi
  openPages?: () => number
  /** Not listening until it is told to. */
  deaf?: boolean
  times?: number
}

/** A desk that a bot listens for; Luci says what the test makes her say. */
export const startTelegramDesk = async (t: Test, over: Over = {}) => {
  const bot = over.bot ?? (await startBotApi(t))
  const clock = fastClock(over.times)
  const app = await startApp(t, {
    env: {
      MC_TELEGRAM_TOKEN: bot.token,
      MC_TELEGRAM_CHAT_ID: '42',
      MC_TELEGRAM_ALLOWED_USERS: '42, 43',
      MC_TELEGRAM_API_ROOT: bot.url,
      ...over.env,
    },
    clock,
    listen: false,
  })
  const { db, config, luci } = app
  const logged: string[] = []
  const add = (facts: object, message: string) =>
    void logged.push(`${message} ${JSON.stringify(facts, errorText)}`)
  const log: Log = { ...silentLog, debug: add, info: add, warn: add, error: add }
  const bell = await openBell(db, clock)
  t.teardown(() => bell.close())
  const nouns = createNouns({
    db,
    clock,
    log,
    config,
    luci,
    version: '1',
    bell,
  })
  const deps = { db, bell, clock, log, config, luci, nouns, openPages: over.openPages ?? (() => 0) }

  let running: { stop: AbortController; done: Promise<void> } | null = null
  const listen = async () => {
    const stop = new AbortController()
    running = { stop, done: runTelegram(deps, stop.signal) }
    await until('the bot is listened to', () => bot.isListenedTo())
  }
  const deafen = async () => {
    running?.stop.abort()
    await running?.done
    running = null
  }
  t.teardown(deafen)
  if (!over.deaf) await listen()

  const alerts = createAlerts(db, clock, config.triage)
  const sender = createSender({
    db,
    clock,
    log,
    telegram: config.telegram,
    ...buttonsFor(db, clock, config.telegram),
    publicUrl: config.http.publicUrl,
  })
  return {
    ...app,
    bot,
    clock,
    deps,
    alerts,
    nouns,
    logged,
    listen,
    deafen,
    /** An alert that was told. */
    tell: async (name: string, text = 'exit code 1') => {
      const { alert } = await alerts.raise({ fingerprint: name, kind: 'failed', title: name, text })
      await until(`${name} is sent`, async () => {
        await sender.sendOnce(new AbortController().signal)
        return (await alerts.get(alert.id)).sentAt
      })
      return alert
    },
    /** Waits until something that a person reads matches. */
    said: (pattern: RegExp) =>
      until(
        `the bot says ${pattern}; it said ${JSON.stringify(bot.messages.map((m) => m.text))}`,
        () => bot.messages.findLast(({ text }) => pattern.test(text)),
      ),
    toasted: (pattern: RegExp) =>
      until(`the press is answered ${pattern}; it was ${JSON.stringify(bot.toasts)}`, () =>
        bot.toasts.findLast(({ text }) => pattern.test(text)),
      ),
    /** Everything that came was handled, and everything that was said is out. */
    settled: () =>
      until('all is handled and said', async () => bot.pending() === 0 && (await nothingWaits(db))),
  }
}

const nothingWaits = async (db: Database) =>
  (await db.kysely
    .selectFrom('telegram_outgoing')
    .select('id')
    .where('state', 'in', ['queued', 'sending'])
    .executeTakeFirst()) === undefined

const errorText = (_key: string, value: unknown) =>
  value instanceof Error ? `${value.stack}` : value
