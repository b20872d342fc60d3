import { type Alert, openStates, toAlert } from '@mc/core/alerts/alert.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import type { QuietHours } from '@mc/core/alerts/quiet-hours.ts'
import { ticketFromAlert } from '@mc/core/alerts/ticket.ts'
import type { Clock } from '@mc/core/clock.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { outcomeOf } from '@mc/core/questions/outcome.ts'
import type { Bot } from '@mc/core/telegram/bot.ts'
import {
  type ButtonAction,
  createButtons,
  INERT,
  rowsFor,
  type Snooze,
} from '@mc/core/telegram/buttons.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import type { Incoming } from '@mc/core/telegram/update.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { local } from '../frame/format.ts'
import { answerQuestion } from './answer-question.ts'
import type { Asks } from './asks.ts'
import { changeMute } from './commands.ts'
import { alertsRuns } from './present.ts'
import { closeQuestion } from './questions.ts'
import { momentWords, readMute, readQuiet, tomorrowMorning } from './quiet.ts'
import type { Replies } from './replies.ts'
import { type Act, say } from './say.ts'

type Press = Extract<Incoming, { type: 'press' }>
type AlertAction = Extract<ButtonAction, { alerts: number[] }>
type Change = Exclude<AlertAction, { do: 'show' }>

const TOO_OLD = 'This button is more than two days old. /inbox shows what needs you now.'
const NOT_OURS = 'This button is not known here (any more). /inbox shows what needs you now.'
/** Telegram's limit on the words that answer a press. */
const TOAST_CHARS_MAX = 190
/** Behind one message there are fewer. */
const ALERTS_MAX = 500
const HOUR_MS = 3_600_000

/**
 * What a press does: first the row, then the answer to the press, then what stands under the
 * message. Everything is done once, whoever presses how often.
 */
export const createPress = (deps: {
  db: Database
  clock: Clock
  bot: Bot
  asks: Pick<Asks, 'answer' | 'close'>
  replies: Pick<Replies, 'owe'>
  repeatIntervalMs: number
  publicUrl: string | null
  /** Quiet hours of the environment. */
  quiet: QuietHours | null
}) => {
  const { db, clock, bot, asks, replies, publicUrl } = deps
  const zoneNow = async (tx: Database) => (await readQuiet(tx, clock, deps.quiet)).zone

  /** Not waited for: the press is done, whether or not Telegram still wants to hear it. */
  const toast =
    (press: Press, text: string, loud = false) =>
    () =>
      void bot.call('answerCallbackQuery', {
        callback_query_id: press.queryId,
        text: [...text].slice(0, TOAST_CHARS_MAX).join(''),
        show_alert: loud,
      })

  const change = (press: Press, action: Change): Act => {
    return async (tx) => {
      const done = await changeAlerts(tx, clock, action, {
        by: press.from.name,
        repeatIntervalMs: deps.repeatIntervalMs,
        zone: await zoneNow(tx),
      })
      await replaceButtons(tx, press, done)
      return toast(press, done)
    }
  }

  /** They are done with: what was done, by whom, stands in their place. */
  const replaceButtons = async (tx: Database, { from, data }: Press, outcome: string) => {
    const buttons = await createButtons(tx, clock, from.chatId).use(data, outcome, { all: true })
    await createOutgoing(tx, clock).add({
      chatId: from.chatId,
      html: '',
      buttons,
      editsMessage: from.messageId,
    })
  }

  const show = async (press: Press, ids: readonly number[]): Promise<Act> => {
    const alerts = await alertsOf(db, ids)
    const open = alerts.filter(({ state }) => openStates.includes(state))
    const item = alerts.length === 1 ? await itemOf(db, alerts[0]?.itemId ?? null) : null
    const runs = alertsRuns(alerts, clock.now(), publicUrl, item)
    return async (tx) => {
      await createButtons(tx, clock, press.from.chatId).use(
        press.data,
        'It was shown before: look further down',
        { all: false },
      )
      await say(tx, clock, press.from, {
        runs,
        about: `alerts:${ids.slice(0, 20).join(',')}`,
        ...(alerts.length > 1 ? { buttons: rowsFor(open) } : {}),
      })
      return toast(press, '')
    }
  }

  const answer = async (
    press: Press,
    action: Extract<ButtonAction, { do: 'answer' }>,
  ): Promise<Act> => {
    // Her pane first: it alone says whether it is still asked.
    const { outcome, over } = await asks.answer(action, press.from.name)
    return async (tx) => {
      if (!over) return toast(press, outcome, true)
      await createButtons(tx, clock, press.from.chatId).use(press.data, outcome, { all: true })
      await asks.close(tx, action.prompt, outcome)
      return toast(press, outcome)
    }
  }

  /** The first answer wins; her reply to it comes back to the question. */
  const choose = (
    press: Press,
    { question: id, option }: Extract<ButtonAction, { do: 'choose' }>,
  ): Act => {
    const { chatId, messageId, name } = press.from
    return async (tx) => {
      const answered = await answerQuestion(tx, clock, {
        id,
        answer: option,
        by: name,
        chatId,
        messageId,
      })
      const outcome = outcomeOf(answered.question) ?? ''
      await createButtons(tx, clock, chatId).use(press.data, outcome, { all: true })
      await closeQuestion(tx, clock, chatId, id, outcome)
      return () => {
        toast(press, outcome)()
        if (answered.turnId) replies.owe(answered.turnId, chatId, messageId)
      }
    }
  }

  const mute = (press: Press, words: string): Act => {
    return async (tx) => {
      const zone = await zoneNow(tx)
      const until = readMute(words, clock.now(), zone)
      if (until === null) return toast(press, NOT_OURS)
      const outcome = await changeMute(tx, clock, until, { by: press.from.name, zone })
      await replaceButtons(
        tx,
        press,
        until === 'off' ? '🔔 No longer muted' : `🔕 Until ${momentWords(until, zone)}`,
      )
      return toast(press, outcome)
    }
  }

  const only =
    (after: () => void): Act =>
    async () =>
      after

  return async (press: Press): Promise<Act> => {
    if (press.data === INERT) return only(toast(press, 'It is done, as the button says.'))
    const pressed = await createButtons(db, clock, press.from.chatId).read(press.data)
    if (pressed.status === 'used') return only(toast(press, `Done before. ${pressed.outcome}`))
    if (pressed.status !== 'open')
      return only(toast(press, pressed.status === 'expired' ? TOO_OLD : NOT_OURS, true))
    const { action } = pressed
    switch (action.do) {
      case 'show':
        return show(press, action.alerts)
      case 'answer':
        return answer(press, action)
      case 'choose':
        return choose(press, action)
      case 'mute':
        return mute(press, action.for)
      default:
        return change(press, action)
    }
  }
}

/** Those there still are, in the order given. */
const alertsOf = async (db: Database, ids: readonly number[]): Promise<Alert[]> => {
  const rows = await db.kysely
    .selectFrom('alerts')
    .selectAll()
    .where('id', 'in', ids.slice(0, ALERTS_MAX))
    .execute()
  const order = new Map(ids.map((id, at) => [id, at]))
  return rows.map(toAlert).sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
}

const itemOf = async (db: Database, id: number | null): Promise<Item | null> => {
  if (id === null) return null
  const row = await db.kysely
    .selectFrom('orchestrator_inbox')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? toItem(row) : null
}

/** What a person decided of the alerts, in words. What is over stays over. */
const changeAlerts = async (
  tx: Database,
  clock: Clock,
  action: Change,
  { by, repeatIntervalMs, zone }: { by: string; repeatIntervalMs: number; zone: string },
): Promise<string> => {
  const before = await alertsOf(tx, action.alerts)
  // In the order of everybody who takes several.
  for (const fingerprint of [...new Set(before.map((alert) => alert.fingerprint))].sort())
    await lockName(tx, `alert:${fingerprint}`)
  const known = await alertsOf(tx, action.alerts)
  const open = known.filter(({ state }) => state !== 'resolved')
  const alerts = createAlerts(tx, clock, { repeatIntervalMs })
  const [first] = known
  if (!first) return 'It is gone: nothing is left to do'
  if (action.do === 'ticket') {
    const { ticket } = await ticketFromAlert(tx, clock, first.id, {
      actor: actor(by),
      source: 'telegram',
    })
    // It is in hand now.
    for (const { id } of open) await alerts.acknowledge(id, actor(by))
    return `🎫 ${ticket.key} by ${by}`
  }
  if (open.length === 0) return overWords(known)
  const count = open.length === 1 && known.length === 1 ? '' : `${open.length} `
  if (action.do === 'acknowledge') {
    const [one] = open
    if (open.length === 1 && one?.state === 'acknowledged')
      return `✓ Acknowledged before by ${one.acknowledgedBy ?? 'somebody'}`
    for (const { id } of open) await alerts.acknowledge(id, actor(by))
    return `✓ ${count === '' ? 'Acknowledged' : `${count}acknowledged`} by ${by}`
  }
  const until = snoozeUntil(action.for, clock.now(), zone)
  for (const { id } of open) await alerts.snooze(id, until, actor(by))
  return `💤 ${count}until ${momentWords(until, zone)} by ${by}`
}

/** As the audit names who pressed. */
const actor = (name: string): string => `${name} (Telegram)`

const overWords = (known: readonly Alert[]): string => {
  const at = known.at(-1)?.resolvedAt
  return at ? `✅ Over since ${local(at)}` : '✅ Over by itself'
}

const snoozeUntil = (length: Snooze, now: Date, zone: string): Date => {
  if (length === 'tomorrow') return tomorrowMorning(now, zone)
  return new Date(now.getTime() + (length === '1h' ? 1 : 4) * HOUR_MS)
}
