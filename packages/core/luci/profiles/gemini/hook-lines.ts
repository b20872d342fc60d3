import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/* What its hooks tell, one line each: no more of it than we use, and more may stand there. */

const base = {
  transcript_path: Type.String(),
  /** ISO 8601, of the same clock as the transcript's. */
  timestamp: Type.String(),
}

const hooks = {
  SessionStart: Type.Object({
    ...base,
    hook_event_name: Type.Literal('SessionStart'),
    source: Type.String(),
  }),
  SessionEnd: Type.Object({ ...base, hook_event_name: Type.Literal('SessionEnd') }),
  BeforeAgent: Type.Object({
    ...base,
    hook_event_name: Type.Literal('BeforeAgent'),
    prompt: Type.String(),
  }),
  AfterAgent: Type.Object({
    ...base,
    hook_event_name: Type.Literal('AfterAgent'),
    prompt: Type.String(),
  }),
  /** A piece of an answer. */
  AfterModel: Type.Object({
    ...base,
    hook_event_name: Type.Literal('AfterModel'),
    llm_response: Type.Object({ text: Type.Optional(Type.String()) }),
  }),
  Notification: Type.Object({
    ...base,
    hook_event_name: Type.Literal('Notification'),
    cwd: Type.String(),
    notification_type: Type.String(),
    details: Type.Object({
      type: Type.String(),
      command: Type.Optional(Type.String()),
      filePath: Type.Optional(Type.String()),
      serverName: Type.Optional(Type.String()),
      toolName: Type.Optional(Type.String()),
    }),
  }),
}
type Hooks = typeof hooks
export type HookLine = { [Name in keyof Hooks]: Static<Hooks[Name]> }[keyof Hooks]
/** A hook that we rely on told something else than it should. */
export type Broken = { hook_event_name: keyof Hooks; broken: string }

/** Null for a line that is none of ours. */
export const parseHookLine = (line: string): HookLine | Broken | null => {
  const value = parsed(line)
  const name = (value as { hook_event_name?: unknown } | null)?.hook_event_name
  if (typeof name !== 'string' || !Object.hasOwn(hooks, name)) return null
  const event = name as keyof Hooks
  if (Value.Check(hooks[event], value)) return value as HookLine
  const [error] = Value.Errors(hooks[event], value)
  const field = error ? `${error.instancePath || '/'} ${error.message}` : 'unknown'
  return { hook_event_name: event, broken: `${event}: ${field}` }
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
