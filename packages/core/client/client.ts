import { AppError, type ErrorCode } from '../errors.ts'
import { readEvents, type ServerEvent } from './events.ts'

export type ClientOptions = {
  /** Where the api listens, e.g. `http://127.0.0.1:4700`. */
  url: string
  token: string
  /** The turn in whose right the calls are made (header `mc-turn`). */
  turn?: string | undefined
  /**
   * How long to try again while the connection is refused; 0 by default. A refused connection
   * took not one byte, so that repeating is safe; nothing else is repeated.
   */
  patienceMs?: number
}

export type Query = Record<string, string | number | boolean | undefined>

export type Client = ReturnType<typeof createClient>

/** Nobody answers at the address: the api is down, or its answer was cut off. */
export class UnreachableError extends AppError {
  constructor(message: string, options: { hint?: string; cause?: unknown }) {
    super('unavailable', message, options)
    this.name = 'UnreachableError'
  }
}

const RETRY_MS = 250

/**
 * The api as `mc` and the house responder use it. Every verb gives the answer's JSON (null for
 * an empty one), or throws: an AppError for what the api refused, UnreachableError when it is
 * not there, a plain Error for its own failure.
 */
export const createClient = ({ url, token, turn, patienceMs = 0 }: ClientOptions) => {
  const base = url.replace(/\/+$/, '')
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (turn) headers['mc-turn'] = turn

  const connect = async (path: string, init: RequestInit): Promise<Response> => {
    const end = performance.now() + patienceMs
    for (;;) {
      try {
        return await fetch(base + path, { ...init, redirect: 'manual' })
      } catch (error) {
        const reason = causeCode(error)
        if (reason === 'ECONNREFUSED' && performance.now() < end) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
          continue
        }
        if (init.signal?.aborted) throw error
        throw unreachable(base, reason, error)
      }
    }
  }

  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await connect(path, {
      method,
      headers:
        body === undefined
          ? { ...headers, accept: 'application/json' }
          : { ...headers, accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text().catch((error) => {
      throw unreachable(base, causeCode(error), error)
    })
    if (!response.ok) throw refusal(response, text)
    return (text === '' ? null : JSON.parse(text)) as T
  }

  return {
    get: <T>(path: string, query: Query = {}) => call<T>('GET', path + queryString(query)),
    post: <T>(path: string, body?: unknown) => call<T>('POST', path, body),
    put: <T>(path: string, body?: unknown) => call<T>('PUT', path, body),
    patch: <T>(path: string, body?: unknown) => call<T>('PATCH', path, body),
    delete: <T>(path: string) => call<T>('DELETE', path),

    /** The body of an answer, piece by piece, as it comes: for what is too long to hold. */
    async *download(path: string): AsyncGenerator<Uint8Array> {
      const response = await connect(path, { headers: { ...headers, accept: '*/*' } })
      if (!response.ok || !response.body) throw refusal(response, await response.text())
      try {
        yield* response.body
      } catch (error) {
        throw unreachable(base, causeCode(error), error)
      }
    },

    /**
     * The events of one connection, as they come; ends when the api ends it or the signal
     * aborts. Reconnecting is the caller's: give the last `id` it saw.
     */
    async *events(
      path: string,
      { signal, lastEventId }: { signal?: AbortSignal; lastEventId?: string } = {},
    ): AsyncGenerator<ServerEvent> {
      try {
        const response = await connect(path, {
          headers: {
            ...headers,
            accept: 'text/event-stream',
            ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
          },
          ...(signal ? { signal } : {}),
        })
        if (!response.ok || !response.body) throw refusal(response, await response.text())
        yield* readEvents(response.body)
      } catch (error) {
        if (signal?.aborted) return
        if (error instanceof TypeError) throw unreachable(base, causeCode(error), error)
        throw error
      }
    },
  }
}

const queryString = (query: Query): string => {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return ''
  return `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
}

const causeCode = (error: unknown): string => {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause
  return cause?.code ?? cause?.message ?? (error as Error).message
}

const unreachable = (base: string, reason: string, cause: unknown) =>
  reason === 'ECONNREFUSED'
    ? new UnreachableError(`Mission Control does not answer at ${base}`, {
        hint: 'Start it with "npx -y pnpm@12 start", or set MC_URL to where it runs.',
        cause,
      })
    : new UnreachableError(`The connection to ${base} broke (${reason}) before an answer came`, {
        hint: 'It may have been carried out: look before you repeat it.',
        cause,
      })

type Problem = {
  code?: string
  title?: string
  detail?: string
  hint?: string
  problems?: string[]
}

const codes: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  422: 'unprocessable',
  429: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}
const known: readonly string[] = [
  'invalid',
  'unprocessable',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'unavailable',
]

const refusal = (response: Response, text: string): Error => {
  const problem = readProblem(text)
  const message =
    problem.detail ?? problem.title ?? `The api answered ${response.status} ${response.statusText}`
  if (response.status >= 500 && !codes[response.status]) return new Error(message)
  const code = problem.code && known.includes(problem.code) ? problem.code : codes[response.status]
  return new AppError((code as ErrorCode | undefined) ?? 'invalid', message, {
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.problems === undefined ? {} : { problems: problem.problems }),
  })
}

/** Empty when the body is no problem document (a proxy's page, say). */
const readProblem = (text: string): Problem => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Problem) : {}
  } catch {
    return {}
  }
}
