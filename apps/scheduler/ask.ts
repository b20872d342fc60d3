import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

export type Question = {
  method: string
  url: string
  headers: Record<string, string>
  body: string | null
}

/** What is read of an answer's headers. The class `Headers` loads all of fetch, 10 MB for good. */
export type AnswerHeaders = Pick<Headers, 'get' | 'has'>

export type Answer = {
  status: number
  statusText: string
  headers: AnswerHeaders
  /** The beginning of it, up to the limit. */
  text: string
  /** It goes on after the text. */
  isCut: boolean
  /** What was not read of it; null when nobody said a believable length. */
  unreadBytes: number | null
}

const REDIRECTS_MAX = 20
/** Such a number of bytes still fits where runs are kept. */
const LENGTH_BELIEVED_MAX = 2 ** 31 - 1

/**
 * Asks and reads the answer, whatever its status: `fetch` makes a broken connection of HTTP 407.
 * Redirects are followed as fetch does: credentials do not go to another origin. Throws what node
 * throws when there is no answer.
 */
export const ask = async (
  question: Question,
  { bytesMax, signal }: { bytesMax: number; signal: AbortSignal },
): Promise<Answer> => {
  let next = question
  for (let redirects = 0; ; redirects++) {
    const message = await send(next, signal)
    const to = redirectOf(message, next)
    if (to === null || redirects === REDIRECTS_MAX) return read(message, bytesMax)
    message.destroy()
    next = to
  }
}

const send = ({ method, url, headers, body }: Question, signal: AbortSignal) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { protocol } = new URL(url)
    if (protocol !== 'http:' && protocol !== 'https:')
      throw Object.assign(new Error(`Expected http or https, got ${protocol}`), {
        code: 'ERR_INVALID_URL',
      })
    // Imported by name, all of it is read, and its lazy `WebSocket` loads fetch: 10 MB for good.
    const { request } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
    // A connection of its own: one that was kept may just have been closed by the other side.
    request(url, { method, headers: framed(headers, body), signal, agent: false }, resolve)
      .once('error', reject)
      .end(body ?? undefined)
  })

/** With the length of the body: node leaves it out for GET, DELETE and OPTIONS. */
const framed = (headers: Record<string, string>, body: string | null): Record<string, string> => {
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  if (body === null || names.includes('transfer-encoding')) return headers
  return {
    ...Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length'),
    ),
    'content-length': String(Buffer.byteLength(body)),
  }
}

/** What is asked next; null when this is the answer. */
const redirectOf = (message: IncomingMessage, question: Question): Question | null => {
  const { statusCode = 0 } = message
  const { location } = message.headers
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return null
  const url = new URL(location, question.url)
  const becomesGet =
    statusCode === 303 ? question.method !== 'HEAD' : statusCode < 303 && question.method === 'POST'
  const dropped = [
    ...(url.origin === new URL(question.url).origin ? [] : ['authorization', 'cookie']),
    ...(becomesGet ? ['content-type', 'content-length', 'content-encoding'] : []),
  ]
  return {
    method: becomesGet ? 'GET' : question.method,
    url: url.href,
    headers: Object.fromEntries(
      Object.entries(question.headers).filter(([name]) => !dropped.includes(name.toLowerCase())),
    ),
    body: becomesGet ? null : question.body,
  }
}

const read = async (message: IncomingMessage, bytesMax: number): Promise<Answer> => {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    text += decoder.decode(chunk.subarray(0, bytesMax - bytes), { stream: true })
    bytes += chunk.byteLength
    if (bytes > bytesMax) break
  }
  const isCut = bytes > bytesMax
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    headers: readable(message.headers),
    // The half character at a cut is left out.
    text: isCut ? text : text + decoder.decode(),
    isCut,
    unreadBytes: isCut ? unread(message.headers['content-length'], bytesMax) : 0,
  }
}

const readable = (headers: IncomingHttpHeaders): AnswerHeaders => {
  const get = (name: string) => {
    const value = headers[name.toLowerCase()]
    return value === undefined ? null : [value].flat().join(', ')
  }
  return { get, has: (name) => get(name) !== null }
}

const unread = (length: string | undefined, bytesRead: number): number | null =>
  length === undefined || Number(length) > LENGTH_BELIEVED_MAX ? null : Number(length) - bytesRead
