import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** A line as the JSON object that it is; null when it is none. */
export const recordIn = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    // Not JSON after all: a line of text that begins with a brace.
    return null
  }
}

/** The value, when it is as the program's own documents say; null when it is something else. */
export const as = <T extends TSchema>(schema: T, value: unknown): Static<T> | null =>
  Value.Check(schema, value) ? (value as Static<T>) : null

const SAID_CHARS = 2_000
const CALL_CHARS = 300

/** A call of a tool in one line: a shell command as one types it, anything else by its name. */
export const callLine = (tool: string, input: unknown): string => {
  const command = (input as { command?: unknown } | null)?.command
  const words = typeof command === 'string' ? `$ ${command}` : `[${tool}] ${JSON.stringify(input)}`
  return cut(words.replaceAll('\n', ' '), CALL_CHARS)
}

/** What a tool answered, as far as a log needs it. */
export const saidBy = (text: string): string => cut(text.trimEnd(), SAID_CHARS)

const cut = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max).toWellFormed()} […]` : text
