import { hostname } from 'node:os'
import { createOutbox } from '@mc/core/alerts/outbox.ts'
import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { type Bot, createBot } from '@mc/core/telegram/bot.ts'
import { deliverOnce } from '@mc/core/telegram/deliver.ts'
import { createInbound } from '@mc/core/telegram/inbound.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { poll } from '@mc/core/telegram/poller.ts'
import type { Me } from '@mc/core/telegram/update.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Nouns } from '../nouns.ts'
import { createAsks } from './asks.ts'
import { createChat } from './chat.ts'
import { commandList, createCommands } from './commands.ts'
import { createHandler } from './handle.ts'
import { createPress } from './press.ts'
import { createTelegramQuestions } from './questions.ts'
import { readQuiet } from './quiet.ts'
import { createReplies } from './replies.ts'

export type TelegramDeps = {
  db: Database
  bell: Bell
  clock: Clock
  log: Log
  config: Config
  luci: Luci
  nouns: Nouns
  /** How many pages are open now. */
  openPages(): number
}

/** Looked at whether the place to listen is free, or the database back. */
const AGAIN_MS = 30_000
const AFTER_FAILURE_MS = 5_000
/** All of it ends within a second. */
const GRACE_MS = 700
/** What comes in by itself is looked at no later than this. */
const NOTHING_TO_SEND_MS = 60_000

const MeShape = Type.Object({
  id: Type.Integer(),
  username: Type.String({ pattern: '^\\w{1,64}$' }),
})

/**
 * Telegram's other direction: hears what people write and press, and answers. Runs in the api alone,
 * in one of them at a time; without a token it does nothing. Ends within a moment of the signal.
 */
export const runTelegram = async (deps: TelegramDeps, signal: AbortSignal): Promise<void> => {
  const { db, clock, log, config } = deps
  const { token, chatId, apiRoot } = config.telegram
  if (!token || !chatId) return createInbound(db, clock, '').is('off')
  const bot = createBot({ token, apiRoot })
  const inbound = createInbound(db, clock, bot.id)
  // The same api under another pid is the same holder: only one can have the data folder.
  const holder = `${hostname()}:${config.dataDir}`
  while (!signal.aborted) {
    try {
      if (await inbound.takeLease(holder)) await listen(deps, { bot, chatId, holder }, signal)
      else await inbound.is('waiting')
      if (!signal.aborted) await clock.sleep(AGAIN_MS, signal)
    } catch (error) {
      // The database may be away for a moment; what was not handled is asked for again.
      log.error({ err: error }, 'Listening to Telegram failed and begins again')
      await clock.sleep(AFTER_FAILURE_MS, signal)
    }
  }
  await inbound.releaseLease(holder)
}

const listen = async (
  deps: TelegramDeps,
  { bot, chatId, holder }: { bot: Bot; chatId: string; holder: string },
  signal: AbortSignal,
): Promise<void> => {
  const { db, clock, log, config, luci, nouns } = deps
  const publicUrl = config.http.publicUrl
  const users = config.telegram.allowedUsers
  const inbound = createInbound(db, clock, bot.id)
  const outgoing = createOutgoing(db, clock)
  const outbox = createOutbox(db, clock)
  const quiet = async () => readQuiet(db, clock, config.alerting.quiet)

  const done = new AbortController()
  const within = AbortSignal.any([signal, done.signal])
  /** What is being sent when it ends is not torn off: nobody would know whether it arrived. */
  const torn = new AbortController()
  within.addEventListener('abort', () => setTimeout(() => torn.abort(), GRACE_MS).unref(), {
    once: true,
  })
  let rung = new AbortController()
  const queued = () => rung.abort()

  const me = await introduce(bot, chatId, { clock, log }, within)
  if (!me) return
  if (users.length === 0)
    log.warn({}, 'Nobody may talk to the bot: MC_TELEGRAM_ALLOWED_USERS is empty')

  const replies = createReplies({ db, clock, luci, bot, publicUrl, queued })
  const asking = {
    db,
    clock,
    chatId,
    mode: users.length === 0 ? ('off' as const) : config.telegramAsks,
    openPages: deps.openPages,
    isQuiet: async () => {
      const { muted, hours } = await quiet()
      return muted !== null || hours !== null
    },
    queued,
  }
  const asks = createAsks({ ...asking, log, luci })
  const questions = createTelegramQuestions({ ...asking, bell: deps.bell })
  const handle = createHandler({
    db,
    clock,
    log,
    inbound,
    me,
    allowed: { users, chatId },
    handlers: {
      chat: createChat({
        db,
        clock,
        luci,
        turns: nouns.turns,
        replies,
        chatOff: async () => (await readSwitch(nouns.settings, config.switches, 'chat')) === 'off',
      }),
      command: createCommands({
        db,
        clock,
        nouns,
        luci,
        publicUrl,
        quiet: config.alerting.quiet,
      }),
      press: createPress({
        db,
        clock,
        bot,
        asks,
        replies,
        repeatIntervalMs: config.triage.repeatIntervalMs,
        publicUrl,
        quiet: config.alerting.quiet,
      }),
    },
    queued,
  })

  const send = async () => {
    const pace = { takeSlot: () => outbox.takeSlot('reply'), rest: (ms: number) => outbox.rest(ms) }
    while (!within.aborted) {
      rung = new AbortController()
      const wait = await deliverOnce({ bot, outgoing, pace, clock, log }, torn.signal)
      if (wait !== 0)
        await clock.sleep(
          wait ?? NOTHING_TO_SEND_MS,
          wait === null ? AbortSignal.any([within, rung.signal]) : within,
        )
    }
  }
  const hear = () =>
    poll(
      {
        bot,
        inbound,
        clock,
        log,
        handle,
        fine: users.length === 0 ? 'nobody' : 'listening',
        mayListen: () => inbound.takeLease(holder),
      },
      within,
    )
  const parts = [hear(), send(), replies.run(within), asks.run(within), questions.run(within)]
  try {
    // The first that ends, ends the others: by a failure, or because another process listens.
    await Promise.race(parts)
  } finally {
    done.abort()
    await Promise.allSettled(parts)
  }
}

/** Who we are, and what we can do; null when the signal came first. Says once what is wrong. */
const introduce = async (
  bot: Bot,
  chatId: string,
  { clock, log }: { clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<Me | null> => {
  let said = false
  while (!signal.aborted) {
    const answer = await bot.call('getMe', {}, { signal })
    if (answer.status === 'ok' && Value.Check(MeShape, answer.result)) {
      const { id, username } = answer.result
      // With a webhook set Telegram gives no updates to who asks.
      await bot.call('deleteWebhook', { drop_pending_updates: false }, { signal })
      await bot.call(
        'setMyCommands',
        { commands: commandList, scope: { type: 'chat', chat_id: chatId } },
        { signal },
      )
      return { id, username }
    }
    if (!said && !signal.aborted) {
      const reason = answer.status === 'ok' ? 'It answers, but not as a bot' : answer.reason
      log.warn({ reason }, 'Telegram does not tell who the bot is; it is asked again')
      said = true
    }
    await clock.sleep(AGAIN_MS, signal)
  }
  return null
}
