import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/*
 * The transcript, one record a line. A record with an id that was there replaces it: a `gemini`
 * comes again with its `toolCalls` once they are done. `$set` lines are about the whole
 * conversation; those that write its messages anew tell nothing that was not told before.
 */

/** What an interrupt leaves behind, and the refusal of a tool, which ends her turn as well. */
export const CANCELLED = 'Request cancelled.'

const base = { id: Type.String({ minLength: 1 }), timestamp: Type.String() }

const Entry = Type.Union([
  Type.Object({
    ...base,
    type: Type.Literal('user'),
    content: Type.Array(Type.Object({ text: Type.Optional(Type.String()) })),
  }),
  Type.Object({
    ...base,
    type: Type.Literal('gemini'),
    /** A list when the conversation is written anew, as it is after an interrupt. */
    content: Type.Union([Type.String(), Type.Array(Type.Unknown())]),
    toolCalls: Type.Optional(Type.Array(Type.Unknown())),
  }),
  Type.Object({
    ...base,
    type: Type.Enum(['info', 'error', 'warning']),
    content: Type.String(),
  }),
])
export type Entry = Static<typeof Entry>

/** The line a conversation begins with. Its id alone is what the program goes on with. */
const Header = Type.Object({
  sessionId: Type.String({ minLength: 1 }),
  projectHash: Type.String(),
})

/** The conversation's id, in the line that tells it; null in any other. */
export const conversationIn = (line: string): string | null => {
  if (!line.startsWith('{"sessionId"')) return null
  const header = parsed(line)
  return Value.Check(Header, header) ? header.sessionId : null
}

/** Null for a line that tells nothing of the talk. `broken`: it should have, and was not understood. */
export const parseEntry = (line: string): Entry | { broken: string } | null => {
  const value = parsed(line)
  if (Value.Check(Entry, value)) return value
  const type = (value as { type?: unknown } | null)?.type
  if (type !== 'user' && type !== 'gemini') return null
  return { broken: `a transcript record of type "${type}" has another shape` }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch (error) {
    // Cut off, or not JSON.
    if (error instanceof SyntaxError) return null
    throw error
  }
}
