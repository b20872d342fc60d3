import type { Telegram } from 'telegraf'
import type { Channel, Message, Sent } from './channel.ts'
import { neverLeft } from './unsure.ts'

const ANSWER_WITHIN_MS = 20_000

export const createTelegram = (options: {
  token: string
  chatId: string
  apiRoot: string
}): Channel => {
  // With a path in it the root must end in a slash: telegraf resolves against it.
  const apiRoot = `${options.apiRoot.replace(/\/+$/, '')}/`
  let telegram: Telegram | undefined
  return {
    send: async (message, signal) => {
      // Loaded at the first message: it costs 23 MB, and many desks have no Telegram.
      const library = await import('telegraf')
      telegram ??= new library.Telegram(options.token, { apiRoot })
      const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
      try {
        const sent = await telegram.callApi(
          'sendMessage',
          {
            chat_id: options.chatId,
            text: message.html,
            parse_mode: 'HTML',
            link_preview_options: { is_disabled: true },
            ...keyboard(message),
          },
          { signal: within as never },
        )
        return { status: 'sent', ref: String(sent.message_id) }
      } catch (error) {
        return readFailure(error, options.token, library.TelegramError)
      }
    },
  }
}

const keyboard = ({ buttons = [] }: Message) =>
  buttons.length === 0
    ? {}
    : {
        reply_markup: {
          inline_keyboard: buttons.map((row) =>
            row.map(({ label, data }) => ({ text: label, callback_data: data })),
          ),
        },
      }

const readFailure = (
  error: unknown,
  token: string,
  TelegramError: typeof import('telegraf').TelegramError,
): Sent => {
  const reason = scrub(error instanceof Error ? error.message : String(error), token)
  if (!(error instanceof TelegramError))
    return { status: 'retry', reason, unsure: !neverLeft(error) }
  const code = error.code
  if (code === 429)
    return { status: 'wait', afterMs: (error.parameters?.retry_after ?? 30) * 1_000, reason }
  if (code === 400 && /parse entities|message is too long|text is empty/i.test(error.description))
    return { status: 'refused', reason }
  if ([400, 401, 403, 404].includes(code)) return { status: 'broken', reason }
  return { status: 'retry', reason }
}

/** A token stands in the URL, so in many an error text too. */
const scrub = (text: string, token: string): string =>
  text
    .replaceAll(token, '[token]')
    .replaceAll(encodeURIComponent(token), '[token]')
    .replace(/\/bot\d+:[^/\s]+/g, '/bot[token]')
    .slice(0, 500)
