import type { IncomingHttpHeaders } from 'node:http'
import type { Call } from './answer.ts'
import type { Asked } from './conversation.ts'

/** One way to talk to a model: how its requests are read and its answers written. */
export type Protocol = {
  name: 'anthropic' | 'responses' | 'chat' | 'gemini'
  /** Null when the path is none of this protocol's conversations. */
  read(path: string, body: Json): Asked | null
  /** An answer as it is streamed; every part is a piece of the body, ready to send. */
  stream(asked: Asked, id: string): Stream
  /** The same answer in one piece. */
  whole(asked: Asked, id: string, text: string, call: Call | null): Json
  error(status: number): Json
  /** What is beside the conversation: lists of models, counting of tokens. Null for an unknown path. */
  beside(path: string, body: Json, headers: IncomingHttpHeaders): Json | null
}

export type Stream = {
  begin(): string
  text(piece: string): string
  /** Everything after the last bit of text. */
  end(text: string, call: Call | null): string
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of four foreign protocols, read leniently
export type Json = any

/** A server-sent event; without a name only its data line. */
export const sse = (data: object, event?: string): string =>
  `${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`

/** A count of tokens that programs can show; four characters are about one. */
export const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4))

/** What OpenAI calls an error; programs decide by it whether they try again. */
export const errorType = (status: number): string =>
  status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error'
