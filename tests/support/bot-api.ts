import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type BotMessage = { chatId: string; text: string; parseMode: string | null; at: number }

/** How the next calls are answered; `ok` is Telegram's usual. */
export type BotMood =
  | { type: 'ok' }
  | { type: 'too_many'; retryAfterS: number }
  | { type: 'server_error'; status: number }
  | { type: 'error'; code: number; description: string }
  /** The connection is closed without a word. */
  | { type: 'hang_up' }

export type BotApi = {
  /** For MC_TELEGRAM_API_ROOT. */
  url: string
  token: string
  messages: BotMessage[]
  /** Every request line, wrong tokens included. */
  calls: string[]
  mood: BotMood
  /** Nothing answers at that port any more. */
  close(): Promise<void>
}

const TOKEN = '123456:TEST-token-that-is-no-secret-000000'

/** Telegram's Bot API on loopback: knows one bot and one chat, checks what Telegram checks. */
export const startBotApi = async (test: Test, { chatId = '42' } = {}): Promise<BotApi> => {
  const server = createServer((request, response) => void answer(request, response))
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const say = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    const refuse = (error_code: number, description: string, parameters?: object) =>
      say(error_code, { ok: false, error_code, description, parameters })
    const body = await read(request)
    const [, bot, method] = (request.url ?? '').split('/')
    api.calls.push(method ?? '')
    const { mood } = api
    if (mood.type === 'hang_up') return request.socket.destroy()
    if (mood.type === 'server_error') return say(mood.status, {})
    if (mood.type === 'too_many')
      return refuse(429, `Too Many Requests: retry after ${mood.retryAfterS}`, {
        retry_after: mood.retryAfterS,
      })
    if (mood.type === 'error') return refuse(mood.code, mood.description)
    if (bot !== `bot${TOKEN}`) return refuse(401, 'Unauthorized')
    if (method === 'getMe')
      return say(200, { ok: true, result: { id: 123456, is_bot: true, username: 'luci_bot' } })
    if (method !== 'sendMessage') return refuse(404, 'Not Found')
    const message = JSON.parse(body) as { chat_id?: string; text?: string; parse_mode?: string }
    const text = message.text ?? ''
    if (String(message.chat_id) !== chatId) return refuse(400, 'Bad Request: chat not found')
    if (text === '') return refuse(400, 'Bad Request: message text is empty')
    if (text.length > 4096) return refuse(400, 'Bad Request: message is too long')
    if (message.parse_mode === 'HTML' && !isTelegramHtml(text))
      return refuse(400, "Bad Request: can't parse entities")
    api.messages.push({
      chatId,
      text,
      parseMode: message.parse_mode ?? null,
      at: performance.now(),
    })
    say(200, { ok: true, result: { message_id: api.messages.length, chat: { id: 42 }, text } })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const api: BotApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    messages: [],
    calls: [],
    mood: { type: 'ok' },
    close,
  }
  test.teardown(close)
  return api
}

const read = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

/** Tags of the few kinds we use, closed in order; every other `<` and `&` escaped. */
const isTelegramHtml = (text: string): boolean => {
  const open: string[] = []
  for (const [tag, slash, name] of text.matchAll(/<(\/?)([a-z]+)(?: href="[^"<>]*")?>/g)) {
    if (!tag || !['b', 'a', 'i', 'code', 'pre'].includes(name ?? '')) return false
    if (slash === '') open.push(name ?? '')
    else if (open.pop() !== name) return false
  }
  const rest = text
    .replace(/<\/?(?:b|a|i|code|pre)(?: href="[^"<>]*")?>/g, '')
    .replace(/&(?:lt|gt|amp|quot);/g, '')
  return open.length === 0 && !/[<>&]/.test(rest)
}
