import { type Static, Type } from 'typebox'

/* What our plugin writes into the record, one JSON line each. See plugin.ts. */

const inSession = { session: Type.String() }
const inMessage = { ...inSession, message: Type.String() }

/** The plugin runs, so the program takes messages now. `whole`: it shows pastes as they are. */
const Started = Type.Object({
  type: Type.Literal('started'),
  version: Type.Number(),
  whole: Type.Boolean(),
})
/** A session that another began, for a subagent. */
const Child = Type.Object({ type: Type.Literal('child'), ...inSession })
/** A message of the person, or (`own`) one that the program put in for itself. */
const User = Type.Object({
  type: Type.Literal('user'),
  ...inMessage,
  text: Type.String(),
  own: Type.Boolean(),
})
/** She begins to answer the message `parent`; `summary`: to make the conversation shorter. */
const Assistant = Type.Object({
  type: Type.Literal('assistant'),
  ...inMessage,
  parent: Type.String(),
  summary: Type.Boolean(),
})
const Delta = Type.Object({
  type: Type.Literal('delta'),
  ...inMessage,
  part: Type.String(),
  text: Type.String(),
})
/** A part is whole: its exact text. */
const Text = Type.Object({
  type: Type.Literal('text'),
  ...inMessage,
  part: Type.String(),
  text: Type.String(),
})
const Failure = Type.Object({ name: Type.String(), message: Type.String() })
/** What a message used, as the program counts: `input` leaves out what the cache knows. */
const Used = Type.Object({
  model: Type.Union([Type.String(), Type.Null()]),
  input: Type.Number(),
  output: Type.Number(),
  cacheRead: Type.Number(),
  cacheWrite: Type.Number(),
  /** US dollars by its own price list; 0 also where that has no price. */
  cost: Type.Number(),
})
/** A message of hers is over. `finish`: why, in the words of the AI SDK. */
const Done = Type.Object({
  type: Type.Literal('done'),
  ...inMessage,
  finish: Type.Union([Type.String(), Type.Null()]),
  error: Type.Union([Failure, Type.Null()]),
  used: Type.Optional(Used),
})
const Asks = Type.Object({
  type: Type.Literal('asks'),
  ...inSession,
  kind: Type.Enum(['permission', 'question']),
  command: Type.Union([Type.String(), Type.Null()]),
  folder: Type.Union([Type.String(), Type.Null()]),
})
const Status = Type.Object({
  type: Type.Literal('status'),
  ...inSession,
  status: Type.Enum(['busy', 'retry', 'idle']),
})
const Failed = Type.Object({
  type: Type.Literal('error'),
  session: Type.Union([Type.String(), Type.Null()]),
  error: Failure,
})
/** An event of the program did not have the field that we rely on. */
const Strange = Type.Object({
  type: Type.Literal('strange'),
  event: Type.String(),
  field: Type.String(),
})

export const Line = Type.Union([
  Started,
  Child,
  User,
  Assistant,
  Delta,
  Text,
  Done,
  Asks,
  Status,
  Failed,
  Strange,
])
export type Line = Static<typeof Line>
export type Used = Static<typeof Used>
export type Failure = Static<typeof Failure>
