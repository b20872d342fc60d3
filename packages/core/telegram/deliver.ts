import type { Button } from '../alerts/channel.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Answer, Bot } from './bot.ts'
import type { Outgoing, OutgoingQueue } from './outgoing.ts'

export type DeliverDeps = {
  bot: Bot
  outgoing: OutgoingQueue
  /** Shared by all that we send. `takeSlot`: 0, or how long (ms) to wait for a place. */
  pace: { takeSlot(): Promise<number>; rest(ms: number): Promise<void> }
  clock: Clock
  log: Log
}

/** What could not be said for so long is not said any more; the pages have it. */
const LIVES_FOR_MS = 24 * 3_600_000
const RETRY_MS = 5_000
const FAULT_MS = 10_000
/** The token is wrong or the chat has gone: a person must mend it. */
const BROKEN_MS = 5 * 60_000
const AGAIN = '<i>Sent again: it may have reached you before.</i>\n'

/**
 * Sends the next message, or changes one. Returns how long (ms) to wait before the next step; null
 * when nothing waits.
 */
export const deliverOnce = async (
  { bot, outgoing, pace, clock, log }: DeliverDeps,
  signal: AbortSignal,
): Promise<number | null> => {
  if (!(await outgoing.isWaiting())) return null
  const wait = await pace.takeSlot()
  if (wait > 0) return wait
  const message = await outgoing.claim()
  if (!message) return null
  const { id } = message
  if (message.isMoot || clock.now().getTime() - Date.parse(message.createdAt) > LIVES_FOR_MS) {
    await outgoing.drop(id, message.isMoot ? 'What it changes never arrived' : 'Too old')
    return 0
  }
  let answer = await send(bot, message, signal)
  if (answer.status === 'refused' && /can't parse entities/i.test(answer.reason)) {
    log.warn({ id, reason: answer.reason }, 'Telegram does not read our HTML; sent as plain text')
    answer = await send(bot, message, signal, 'plain')
  }
  switch (answer.status) {
    case 'ok':
      await outgoing.sent(id, message.edits === null ? messageIdIn(answer.result) : null)
      return 0
    case 'wait':
      await outgoing.putBack(id, answer.reason)
      await pace.rest(answer.afterMs)
      return answer.afterMs
    case 'retry':
      // Our own end, most likely: whoever starts next says it again, and says that.
      await outgoing.doubt(id, answer.reason)
      return RETRY_MS
    case 'fault':
      await outgoing.putBack(id, answer.reason)
      return FAULT_MS
    case 'conflict':
    case 'unauthorized':
      await outgoing.putBack(id, answer.reason)
      return BROKEN_MS
    case 'refused':
      // A message that is gone or already as wanted needs no change.
      await outgoing.drop(id, answer.reason)
      if (message.edits === null)
        log.warn({ id, reason: answer.reason }, 'Telegram refused a reply')
      return 0
  }
}

const send = (
  bot: Bot,
  message: Outgoing,
  signal: AbortSignal,
  form: 'html' | 'plain' = 'html',
): Promise<Answer> => {
  const html = message.isRepeat && message.edits === null ? AGAIN + message.html : message.html
  const words = {
    chat_id: message.chatId,
    text: form === 'html' ? html : withoutTags(html),
    ...(form === 'html' ? { parse_mode: 'HTML' } : {}),
    link_preview_options: { is_disabled: true },
    ...(message.buttons ? { reply_markup: keyboardOf(message.buttons) } : {}),
  }
  if (message.edits === null)
    return bot.call(
      'sendMessage',
      {
        ...words,
        ...(message.silent ? { disable_notification: true } : {}),
        ...(message.replyTo === null
          ? {}
          : {
              reply_parameters: {
                message_id: message.replyTo,
                allow_sending_without_reply: true,
              },
            }),
      },
      { signal },
    )
  // Without words only what stands under it changes.
  return message.html === ''
    ? bot.call(
        'editMessageReplyMarkup',
        {
          chat_id: message.chatId,
          message_id: message.edits,
          reply_markup: keyboardOf(message.buttons ?? []),
        },
        { signal },
      )
    : bot.call('editMessageText', { ...words, message_id: message.edits }, { signal })
}

export const keyboardOf = (buttons: readonly (readonly Button[])[]) => ({
  inline_keyboard: buttons.map((row) =>
    row.map(({ label, data }) => ({ text: label, callback_data: data })),
  ),
})

const withoutTags = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')

const messageIdIn = (result: unknown): number | null => {
  const id = (result as { message_id?: unknown } | null)?.message_id
  return Number.isSafeInteger(id) ? (id as number) : null
}
