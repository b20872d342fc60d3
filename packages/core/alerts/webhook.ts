import { plainText } from '../redaction/plain.ts'
import { createRedactor } from '../redaction/redact.ts'
import type { Channel, Sent } from './channel.ts'
import type { AlertSettings } from './settings.ts'
import { neverLeft } from './unsure.ts'
import { BARE_PERCENT, urlCredentials } from './url-credentials.ts'
import { webhookCall } from './webhook-shapes.ts'

const ANSWER_WITHIN_MS = 15_000
const ANSWER_BYTES_READ = 4_096
const REASON_CHARS_MAX = 300
const WAIT_DEFAULT_MS = 30_000

/**
 * Alerts as HTTP requests: ntfy, Slack, Discord, or anything that takes JSON. A redirect is not
 * followed: an address that carries a secret is not handed on to another.
 */
export const createWebhook = ({
  url,
  shape,
  token,
}: NonNullable<AlertSettings['webhook']>): Channel => {
  const redact = createRedactor(secretsOf(url, token))
  const credentials = urlCredentials(url)
  return {
    send: async (message, signal) => {
      if (!credentials)
        return { status: 'broken', reason: `MC_ALERT_WEBHOOK_URL needs ${BARE_PERCENT}` }
      try {
        const { href, authorization } = splitCredentials(url, credentials, token)
        const call = webhookCall(shape, href, message)
        const response = await fetch(call.url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
          headers: {
            'content-type': 'application/json',
            'user-agent': 'mission-control',
            ...(authorization ? { authorization } : {}),
          },
          body: JSON.stringify(call.body),
        })
        const answer = await readSome(response)
        return judge(response, answer, (text) => redact(plainText(text)).slice(0, REASON_CHARS_MAX))
      } catch (error) {
        return { status: 'retry', reason: redact(wordsOf(error)), unsure: !neverLeft(error) }
      }
    },
  }
}

const judge = (response: Response, answer: string, say: (text: string) => string): Sent => {
  const { status } = response
  if (status >= 200 && status < 300) return { status: 'sent', ref: refOf(answer) }
  const reason = say(`${status} ${response.statusText}${answer.trim() ? `: ${answer.trim()}` : ''}`)
  if (status === 429) return { status: 'wait', afterMs: waitOf(response, answer), reason }
  if (status >= 300 && status < 400) {
    const to = response.headers.get('location') ?? ''
    const host = URL.canParse(to) ? ` to ${new URL(to).host}` : ''
    return {
      status: 'broken',
      reason: say(`${status}: it redirects${host}, set the address itself`),
    }
  }
  if (status >= 500 || status === 408 || status === 425) return { status: 'retry', reason }
  return { status: 'broken', reason }
}

/** The id of the message, where the other side gives one. */
const refOf = (answer: string): string => {
  try {
    const { id } = JSON.parse(answer) as { id?: unknown }
    if (typeof id === 'string' || typeof id === 'number') return String(id).slice(0, 100)
  } catch {
    // Slack says "ok", others nothing.
  }
  return 'accepted'
}

/** Retry-After in seconds or as a date, or Discord's own `retry_after`. */
const waitOf = (response: Response, answer: string): number => {
  const header = response.headers.get('retry-after')
  const seconds = Number(header ?? Number.NaN)
  if (header !== null && Number.isFinite(seconds)) return Math.ceil(seconds * 1_000)
  const date = header === null ? Number.NaN : Date.parse(header) - Date.now()
  if (Number.isFinite(date)) return Math.max(0, date)
  const match = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(answer)
  return match ? Math.ceil(Number(match[1]) * 1_000) : WAIT_DEFAULT_MS
}

/** As much of an answer as a reason needs; the rest is not read. */
const readSome = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const parts: Uint8Array[] = []
  let bytes = 0
  while (bytes < ANSWER_BYTES_READ) {
    const { value, done } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.length
  }
  await reader.cancel()
  return Buffer.concat(parts).subarray(0, ANSWER_BYTES_READ).toString('utf8')
}

/** fetch takes no user:password@ in an address; it is what Basic authentication is made of. */
const splitCredentials = (
  url: string,
  { username, password }: { username: string; password: string },
  token: string | null,
) => {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  const basic = Buffer.from(`${username}:${password}`).toString('base64')
  const authorization = token ? `Bearer ${token}` : username ? `Basic ${basic}` : null
  return { href: parsed.href, authorization }
}

/** The address itself is the secret of most of them: its path and its query are not told. */
const secretsOf = (url: string, token: string | null): string[] => {
  const { pathname, search, password, username } = new URL(url)
  return [
    url,
    pathname.slice(1),
    ...pathname.split('/'),
    search.slice(1),
    username,
    password,
    ...(token ? [token] : []),
  ].filter((part) => part !== '')
}

const wordsOf = (error: unknown): string => {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return `No answer within ${ANSWER_WITHIN_MS / 1_000} s`
  return (cause?.message || cause?.code || message).slice(0, REASON_CHARS_MAX)
}
