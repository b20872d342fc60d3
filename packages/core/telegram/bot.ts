import type { Telegram } from 'telegraf'
import { neverLeft } from '../alerts/unsure.ts'

/** What became of a call. `wait`: not before `afterMs`; `retry`: nobody knows whether it got there. */
export type Answer =
  | { status: 'ok'; result: unknown }
  | { status: 'wait'; afterMs: number; reason: string }
  | { status: 'retry'; reason: string }
  /** It did not get there, or Telegram had a fault of its own: it was not done. */
  | { status: 'fault'; reason: string }
  /** Another program asks for this bot's updates. */
  | { status: 'conflict'; reason: string }
  /** The token is no bot's. */
  | { status: 'unauthorized'; reason: string }
  | { status: 'refused'; reason: string }

/** Never throws, and never tells the token. */
export type Bot = {
  /** Its own number, which stands before the colon of the token and is no secret. */
  id: string
  call(method: string, payload: object, options?: CallOptions): Promise<Answer>
}

export type CallOptions = { signal?: AbortSignal; withinMs?: number }

const WITHIN_MS = 20_000
/** What a 429 without a figure asks for. */
const WAIT_MS = 30_000

export const createBot = ({ token, apiRoot }: { token: string; apiRoot: string }): Bot => {
  // With a path in it the root must end in a slash: telegraf resolves against it.
  const root = `${apiRoot.replace(/\/+$/, '')}/`
  let telegram: Telegram | undefined
  return {
    id: token.split(':')[0] ?? '',
    async call(method, payload, { signal, withinMs = WITHIN_MS } = {}) {
      // Loaded at the first call: it costs 23 MB, and many desks have no Telegram.
      const library = await import('telegraf')
      telegram ??= new library.Telegram(token, { apiRoot: root })
      const timeout = AbortSignal.timeout(withinMs)
      const within = signal ? AbortSignal.any([signal, timeout]) : timeout
      try {
        const result: unknown = await telegram.callApi(method as never, payload as never, {
          signal: within as never,
        })
        return { status: 'ok', result }
      } catch (error) {
        const reason = scrub(error instanceof Error ? error.message : String(error), token)
        return error instanceof library.TelegramError
          ? readRefusal(error.code, error.parameters?.retry_after, reason)
          : { status: neverLeft(error) ? 'fault' : 'retry', reason }
      }
    },
  }
}

const readRefusal = (code: number, retryAfterS: number | undefined, reason: string): Answer => {
  if (code === 429)
    return {
      status: 'wait',
      afterMs: retryAfterS === undefined ? WAIT_MS : retryAfterS * 1_000,
      reason,
    }
  if (code === 409) return { status: 'conflict', reason }
  // A token that is none is 404: there is nothing at its address.
  if (code === 401 || code === 404) return { status: 'unauthorized', reason }
  return code >= 500 ? { status: 'fault', reason } : { status: 'refused', reason }
}

/** A token stands in the URL, so in many an error text too. */
const scrub = (text: string, token: string): string =>
  text
    .replaceAll(token, '[token]')
    .replaceAll(encodeURIComponent(token), '[token]')
    .replace(/\/bot\d+:[^/\s]+/g, '/bot[token]')
    .slice(0, 500)
