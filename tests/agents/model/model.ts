import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, textOf } from './answer.ts'
import { anthropic } from './anthropic.ts'
import { chat } from './chat.ts'
import type { Asked } from './conversation.ts'
import { gemini } from './gemini.ts'
import type { Json, Protocol } from './protocol.ts'
import { responses } from './responses.ts'
import { answerTo } from './script.ts'
import type { TriageBy } from './triage.ts'

/** One request as it came, and what became of it. */
export type Received = {
  at: number
  method: string
  path: string
  body: Json
  protocol: Protocol['name'] | null
  /** Null when it was no request of a conversation. */
  asked: Asked | null
  answer: Answer | null
  status: number
  /** The client hung up before the answer was all sent. */
  aborted: boolean
}

export type Model = {
  /** Without a path; for Anthropic and Gemini as it is, for OpenAI followed by `/v1`. */
  url: string
  /** Everything that came, oldest first. */
  received: Received[]
  /** The requests of conversations whose last words of the person hold `text`. */
  about(text: string): Received[]
  close(): Promise<void>
}

const protocols = [anthropic, responses, chat, gemini]

/**
 * The project's own model API on loopback, for four agent programs: no model, but a script that
 * the person's words direct (docs in `README.md` beside this file). Port 0 takes any free one.
 */
export const startModel = async ({
  port = 0,
  triageBy = 'offered',
  heard = () => {},
}: {
  port?: number
  triageBy?: TriageBy
  /** Called when a request has been answered, or its client is gone. */
  heard?: (received: Received) => void
} = {}): Promise<Model> => {
  const received: Received[] = []
  const closing = new AbortController()
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      // What we cannot read is said to the program, so that it stands on its screen.
      if (!response.headersSent) send(response, 400, { error: { message: String(error) } })
      else response.destroy()
    })
  })

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://model').pathname
    const body = await bodyOf(request)
    const entry: Received = {
      at: Date.now(),
      method: request.method ?? '',
      path,
      body,
      protocol: null,
      asked: null,
      answer: null,
      status: 200,
      aborted: false,
    }
    received.push(entry)
    response.on('close', () => {
      entry.aborted = !response.writableFinished
      entry.status = response.statusCode
      heard(entry)
    })
    for (const protocol of protocols) {
      const asked = request.method === 'POST' ? protocol.read(path, body) : null
      if (!asked) continue
      const failures = received.filter(
        (one) => one.answer?.type === 'error' && one.asked?.person === asked.person,
      ).length
      entry.protocol = protocol.name
      entry.asked = asked
      entry.answer = answerTo(asked, { failures, triageBy })
      return reply(response, protocol, asked, entry.answer, closing.signal)
    }
    for (const protocol of protocols) {
      const beside = protocol.beside(path, body, request.headers)
      if (beside) return send(response, 200, beside)
    }
    send(response, 404, { error: { message: `The scripted model knows no ${path}` } })
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    about: (text) => received.filter(({ asked }) => asked?.person.includes(text)),
    close: () =>
      new Promise<void>((resolve) => {
        closing.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const reply = async (
  response: ServerResponse,
  protocol: Protocol,
  asked: Asked,
  answer: Answer,
  closing: AbortSignal,
) => {
  if (answer.type === 'error') return send(response, answer.status, protocol.error(answer.status))
  const id = randomBytes(12).toString('hex')
  const hungUp = new AbortController()
  response.on('close', () => hungUp.abort())
  const gone = AbortSignal.any([hungUp.signal, closing])
  const text = textOf(answer.pieces)
  const stream = asked.stream ? protocol.stream(asked, id) : null
  if (stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(stream.begin())
  }
  for (const piece of answer.pieces) {
    if (piece.afterMs > 0 && !(await slept(piece.afterMs, gone))) return
    if (stream) response.write(stream.text(piece.text))
  }
  if (stream) response.end(stream.end(text, answer.call))
  else send(response, 200, protocol.whole(asked, id, text, answer.call))
}

/** False when it was woken because nobody listens any more. */
const slept = async (ms: number, gone: AbortSignal): Promise<boolean> => {
  try {
    await delay(ms, undefined, { signal: gone })
    return true
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    return false
  }
}

const send = (response: ServerResponse, status: number, body: object) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

const bodyOf = async (request: IncomingMessage): Promise<Json> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    // No JSON: kept as it came, for whoever reads the record.
    return text
  }
}
