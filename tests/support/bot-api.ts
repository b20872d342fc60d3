import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { isTelegramHtml, wordsOf } from './telegram-html.ts'

export type BotMessage = {
  id: number
  chatId: string
  text: string
  parseMode: string | null
  at: number
  replyTo: number | null
  silent: boolean
  buttons: { label: string; data: string }[][]
  /** How often it was changed since. */
  edits: number
}

/** How the next calls are answered; `ok` is Telegram's usual. */
export type BotMood =
  | { type: 'ok' }
  | { type: 'too_many'; retryAfterS: number }
  | { type: 'server_error'; status: number }
  | { type: 'error'; code: number; description: string }
  /** The connection is closed without a word. */
  | { type: 'hang_up' }
  /** It is done, and the connection closed before it can be said. */
  | { type: 'done_then_hang_up' }

/** A person who writes; the chat is theirs alone unless it is named. */
export type Person = { id: number; name: string; chatId?: string; chatType?: string }

export type BotApi = {
  /** For MC_TELEGRAM_API_ROOT. */
  url: string
  token: string
  messages: BotMessage[]
  /** Every request line, wrong tokens included. */
  calls: string[]
  mood: BotMood
  /** Of one method alone; goes before the common one. */
  moods: Record<string, BotMood>
  /** What was answered to presses. */
  toasts: { id: string; text: string; loud: boolean }[]
  /** Emoji that the bot put on messages of people, by message. */
  reactions: Map<number, string>
  /** What `/` offers. */
  commands: string[]
  webhook: string | null
  /** Updates that nobody has confirmed yet. */
  pending(): number
  /** Somebody asks for updates now. */
  isListenedTo(): boolean
  /** Any update, as raw as it comes. Returns its id. */
  inject(update: Record<string, unknown>): number
  /** A person writes. Returns the id of the message. */
  write(text: string, over?: WriteOver): number
  /** A person changes what they wrote. */
  edit(messageId: number, text: string, from?: Person): void
  /** A person presses the button with that label under the latest message that has one. */
  press(label: string | RegExp, over?: { from?: Person; data?: string }): void
  /** What a person reads of the latest message. */
  last(): string
  /** Nothing answers at that port any more. */
  close(): Promise<void>
}
export type WriteOver = { from?: Person; replyTo?: number; message?: Record<string, unknown> }

const TOKEN = '123456:TEST-token-that-is-no-secret-000000'
const BOT = { id: 123456, is_bot: true, first_name: 'Luci', username: 'luci_bot' }
export const ANA: Person = { id: 42, name: 'Ana' }
const REACTIONS = ['👀', '👍', '👎', '❤', '🔥', '🎉']

type Waiting = { response: ServerResponse; timer: NodeJS.Timeout; limit: number }
type Body = Record<string, unknown> & {
  chat_id?: unknown
  text?: string
  message_id?: number
  reply_markup?: { inline_keyboard?: { text?: string; callback_data?: string }[][] }
}

/** Telegram's Bot API on loopback: knows one bot and one chat, checks what Telegram checks. */
export const startBotApi = async (
  test: Pick<Test, 'teardown'>,
  { chatId = '42', port = 0 } = {},
): Promise<BotApi> => {
  const server = createServer((request, response) => void answer(request, response))
  const updates: { update_id: number }[] = []
  const queries = new Set<string>()
  const written = new Map<number, Record<string, unknown>>()
  let waiting: Waiting | null = null
  let updateId = 1_000
  let messageId = 0

  const say = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const refuseWith = (
    response: ServerResponse,
    error_code: number,
    description: string,
    parameters?: object,
  ) => say(response, error_code, { ok: false, error_code, description, parameters })

  /** One asks at a time: a second one ends the first, which hears so. */
  const getUpdates = (response: ServerResponse, body: Body) => {
    const gone =
      'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'
    if (waiting) {
      clearTimeout(waiting.timer)
      refuseWith(waiting.response, 409, gone)
      waiting = null
    }
    if (api.webhook)
      return refuseWith(
        response,
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      )
    const offset = Number(body.offset ?? 0)
    while (updates[0] && updates[0].update_id < offset) updates.shift()
    const limit = Number(body.limit ?? 100)
    const timeoutMs = Number(body.timeout ?? 0) * 1_000
    const tell = () => {
      waiting = null
      say(response, 200, { ok: true, result: updates.slice(0, limit) })
    }
    if (updates.length > 0 || timeoutMs === 0) return tell()
    waiting = { response, limit, timer: setTimeout(tell, timeoutMs) }
    response.on('close', () => {
      if (waiting?.response !== response) return
      clearTimeout(waiting.timer)
      waiting = null
    })
  }

  const inject = (update: Record<string, unknown>): number => {
    updateId += 1
    updates.push({ update_id: updateId, ...update })
    if (waiting) {
      const { response, timer, limit } = waiting
      clearTimeout(timer)
      waiting = null
      say(response, 200, { ok: true, result: updates.slice(0, limit) })
    }
    return updateId
  }

  const buttonsIn = ({ reply_markup }: Body) =>
    (reply_markup?.inline_keyboard ?? []).map((row) =>
      row.map((button) => ({ label: button.text ?? '', data: button.callback_data ?? '' })),
    )
  const mistakeIn = (body: Body): string | null => {
    if (String(body.chat_id) !== chatId) return 'Bad Request: chat not found'
    const labels = buttonsIn(body).flat()
    if (labels.some(({ label }) => label === '')) return 'Bad Request: text buttons are unallowed'
    if (labels.some(({ data }) => data === '' || Buffer.byteLength(data) > 64))
      return 'Bad Request: BUTTON_DATA_INVALID'
    return null
  }
  const textMistake = ({ text = '', parse_mode }: Body): string | null => {
    if (text.trim() === '') return 'Bad Request: message text is empty'
    if (text.length > 4096) return 'Bad Request: message is too long'
    if (parse_mode !== 'HTML') return null
    if (!isTelegramHtml(text)) return "Bad Request: can't parse entities"
    return wordsOf(text).trim() === '' ? 'Bad Request: message text is empty' : null
  }

  const sendMessage = (body: Body): object | string => {
    const mistake = mistakeIn(body) ?? textMistake(body)
    if (mistake) return mistake
    messageId += 1
    const replyTo = (body.reply_parameters as { message_id?: number } | undefined)?.message_id
    api.messages.push({
      id: messageId,
      chatId,
      text: body.text ?? '',
      parseMode: (body.parse_mode as string | undefined) ?? null,
      at: performance.now(),
      replyTo: replyTo ?? null,
      silent: body.disable_notification === true,
      buttons: buttonsIn(body),
      edits: 0,
    })
    return { message_id: messageId, chat: { id: Number(chatId) }, text: body.text }
  }

  const editMessage = (body: Body, withText: boolean): object | string => {
    const mistake = mistakeIn(body) ?? (withText ? textMistake(body) : null)
    if (mistake) return mistake
    const message = api.messages.find(({ id }) => id === body.message_id)
    if (!message) return 'Bad Request: message to edit not found'
    const buttons = buttonsIn(body)
    const same = JSON.stringify(buttons) === JSON.stringify(message.buttons)
    if (same && (!withText || message.text === body.text))
      return 'Bad Request: message is not modified'
    if (withText) message.text = body.text ?? ''
    message.buttons = buttons
    message.edits += 1
    return { message_id: message.id }
  }

  const methods: Record<string, (body: Body) => object | boolean | string> = {
    getMe: () => BOT,
    deleteWebhook: () => {
      api.webhook = null
      return true
    },
    setMyCommands: (body) => {
      const given = body.commands as { command: string; description: string }[]
      if (!given.every(({ command }) => /^[a-z0-9_]{1,32}$/.test(command)))
        return 'Bad Request: BOT_COMMAND_INVALID'
      api.commands = given.map(({ command }) => command)
      return true
    },
    sendMessage,
    editMessageText: (body) => editMessage(body, true),
    editMessageReplyMarkup: (body) => editMessage(body, false),
    answerCallbackQuery: (body) => {
      const id = String(body.callback_query_id)
      if (!queries.delete(id)) return 'Bad Request: query is too old or query ID is invalid'
      if ((body.text ?? '').length > 200) return 'Bad Request: MESSAGE_TOO_LONG'
      api.toasts.push({ id, text: body.text ?? '', loud: body.show_alert === true })
      return true
    },
    sendChatAction: (body) =>
      String(body.chat_id) === chatId ? true : 'Bad Request: chat not found',
    setMessageReaction: (body) => {
      const [reaction] = body.reaction as { emoji: string }[]
      if (!written.has(body.message_id ?? 0)) return 'Bad Request: message not found'
      if (!REACTIONS.includes(reaction?.emoji ?? '')) return 'Bad Request: REACTION_INVALID'
      api.reactions.set(body.message_id ?? 0, reaction?.emoji ?? '')
      return true
    },
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const refuse = (code: number, description: string, parameters?: object) =>
      refuseWith(response, code, description, parameters)
    const body = JSON.parse((await read(request)) || '{}') as Body
    const [, bot, method = ''] = (request.url ?? '').split('/')
    api.calls.push(method)
    const mood = api.moods[method] ?? api.mood
    if (mood.type === 'hang_up') return request.socket.destroy()
    if (mood.type === 'server_error') return say(response, mood.status, {})
    if (mood.type === 'too_many')
      return refuse(429, `Too Many Requests: retry after ${mood.retryAfterS}`, {
        retry_after: mood.retryAfterS,
      })
    if (mood.type === 'error') return refuse(mood.code, mood.description)
    if (bot !== `bot${TOKEN}`) return refuse(401, 'Unauthorized')
    if (method === 'getUpdates') return getUpdates(response, body)
    const known = methods[method]
    if (!known) return refuse(404, 'Not Found')
    const result = known(body)
    if (mood.type === 'done_then_hang_up') return request.socket.destroy()
    return typeof result === 'string'
      ? refuse(400, result)
      : say(response, 200, { ok: true, result })
  }

  const chatOf = ({ id, chatId: own, chatType }: Person) => ({
    id: Number(own ?? id),
    type: chatType ?? 'private',
  })
  const userOf = ({ id, name }: Person) => ({ id, is_bot: false, first_name: name })

  const api: BotApi = {
    url: '',
    token: TOKEN,
    messages: [],
    calls: [],
    mood: { type: 'ok' },
    moods: {},
    toasts: [],
    reactions: new Map(),
    commands: [],
    webhook: null,
    pending: () => updates.length,
    isListenedTo: () => waiting !== null,
    inject,
    write: (text, { from = ANA, replyTo, message = {} } = {}) => {
      messageId += 1
      const sent = {
        message_id: messageId,
        date: 1_772_445_600,
        chat: chatOf(from),
        from: userOf(from),
        ...(text === '' ? {} : { text }),
        ...(replyTo === undefined
          ? {}
          : { reply_to_message: { message_id: replyTo, date: 1, chat: chatOf(from), from: BOT } }),
        ...message,
      }
      written.set(messageId, sent)
      inject({ message: sent })
      return messageId
    },
    edit: (id, text, from = ANA) =>
      void inject({
        edited_message: { ...written.get(id), from: userOf(from), text, edit_date: 1_772_445_700 },
      }),
    press: (label, { from = ANA, data } = {}) => {
      const message = api.messages.findLast((one) => one.buttons.length > 0) ?? api.messages.at(-1)
      const button = message?.buttons
        .flat()
        .find((one) => (typeof label === 'string' ? one.label === label : label.test(one.label)))
      if (!message || !(button || data)) throw new Error(`There is no button ${label}`)
      const id = `query-${updateId + 1}`
      queries.add(id)
      inject({
        callback_query: {
          id,
          from: userOf(from),
          chat_instance: '1',
          data: data ?? button?.data,
          message: { message_id: message.id, date: 1, chat: chatOf(from), text: message.text },
        },
      })
    },
    last: () => wordsOf(api.messages.at(-1)?.text ?? ''),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  test.teardown(api.close)
  return api
}

const read = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
