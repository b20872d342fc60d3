import { type Answer, createBot } from '../telegram/bot.ts'
import type { Channel, Message, Sent } from './channel.ts'

export const createTelegram = ({
  chatId,
  ...options
}: {
  token: string
  chatId: string
  apiRoot: string
}): Channel => {
  const bot = createBot(options)
  return {
    send: async (message, signal) =>
      readAnswer(
        await bot.call(
          'sendMessage',
          {
            chat_id: chatId,
            text: message.html,
            parse_mode: 'HTML',
            link_preview_options: { is_disabled: true },
            ...keyboard(message),
          },
          { signal },
        ),
      ),
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

/** A token or a chat that is wrong waits for a person; a text that is none concerns itself alone. */
const readAnswer = (answer: Answer): Sent => {
  if (answer.status === 'ok')
    return { status: 'sent', ref: String((answer.result as { message_id: number }).message_id) }
  const { reason } = answer
  switch (answer.status) {
    case 'wait':
      return { status: 'wait', afterMs: answer.afterMs, reason }
    case 'retry':
      return { status: 'retry', reason, unsure: true }
    case 'unauthorized':
      return { status: 'broken', reason }
    case 'refused':
      if (/^400: .*(parse entities|message is too long|text is empty)/i.test(reason))
        return { status: 'refused', reason }
      return /^40[03]:/.test(reason) ? { status: 'broken', reason } : { status: 'retry', reason }
    default:
      return { status: 'retry', reason }
  }
}
