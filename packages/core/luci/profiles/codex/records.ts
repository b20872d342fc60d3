import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

/*
 * What we rely on of two files: the session's record, to which our hooks append, and the rollout,
 * in which Codex itself writes a conversation down. Added fields are no matter; one of these that
 * is missing or another is told by its name.
 */

const text = Type.String()
const optional = <T extends typeof text>(of: T) => Type.Optional(Type.Union([of, Type.Null()]))

const Submitted = Type.Object({
  hook_event_name: Type.Literal('UserPromptSubmit'),
  session_id: text,
  turn_id: text,
  transcript_path: text,
  prompt: text,
})
const Asked = Type.Object({
  hook_event_name: Type.Literal('PermissionRequest'),
  session_id: text,
  turn_id: text,
  cwd: text,
  tool_name: text,
  tool_input: Type.Object({ command: optional(text) }),
  /** Our own word: the hook has allowed it, for it is `mc` and nothing else. */
  mc_allowed: Type.Optional(Type.Boolean()),
})
export type HookLine = Static<typeof Submitted> | Static<typeof Asked>

const Item = Type.Object({
  type: Type.Enum(['UserMessage', 'AgentMessage']),
  content: Type.Array(Type.Object({ text: optional(text) })),
})
const tellings = {
  item_completed: Type.Object({
    type: Type.Literal('item_completed'),
    turn_id: text,
    item: Item,
  }),
  task_complete: Type.Object({
    type: Type.Literal('task_complete'),
    turn_id: text,
    last_agent_message: Type.Union([text, Type.Null()]),
    error: Type.Optional(Type.Union([Type.Object({ message: text }), Type.Null()])),
  }),
  turn_aborted: Type.Object({ type: Type.Literal('turn_aborted'), turn_id: text, reason: text }),
}
export type Told = {
  [Name in keyof typeof tellings]: Static<(typeof tellings)[Name]>
}[keyof typeof tellings]

/** `strange`: it should be one of ours, and lacks what is named; `turn` is hers, if that is told. */
export type Parsed<T> =
  | { type: 'ok'; line: T }
  | { type: 'strange'; field: string; turn: string | null }
  | null

/** A line of the session's record; null for what we did not ask for. */
export const parseHook = (line: string): Parsed<HookLine> => {
  const value = jsonIn(line)
  if (value === null) return null
  const event = value.hook_event_name
  if (event === 'UserPromptSubmit') return checked(Submitted, value, event)
  return event === 'PermissionRequest' ? checked(Asked, value, event) : null
}

/** A line of the rollout; null for what does not matter here. */
export const parseTold = (line: string): Parsed<Told> => {
  // Whole requests and results stand in the other lines: they need not be read to be passed over.
  if (/^\{"timestamp":"[^"]*",("ordinal":\d+,)?"type":"(?!event_msg")/.test(line)) return null
  const value = jsonIn(line)
  const told = value?.type === 'event_msg' ? value.payload : null
  if (!isObject(told)) return null
  const { type, item } = told
  // Everything else she does is an item as well.
  const isSaid = isObject(item) && (item.type === 'UserMessage' || item.type === 'AgentMessage')
  if (type === 'item_completed' && isSaid) return checked(tellings[type], told, type)
  return type === 'task_complete' || type === 'turn_aborted'
    ? checked<(typeof tellings)[typeof type]>(tellings[type], told, type)
    : null
}

const checked = <T extends TSchema>(schema: T, value: Json, name: string): Parsed<Static<T>> => {
  if (Value.Check(schema, value)) return { type: 'ok', line: value as Static<T> }
  const [error] = Value.Errors(schema, value)
  const missing = error?.keyword === 'required' ? `/${error.params.requiredProperties[0]}` : ''
  const where = `${error?.instancePath ?? ''}${missing}`
  return {
    type: 'strange',
    field: `${name}${where.replaceAll('/', '.')}`,
    turn: typeof value.turn_id === 'string' ? value.turn_id : null,
  }
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** Null for half a line of a crash. */
const jsonIn = (line: string): Json | null => {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
