import { priorities } from '@mc/core/inbox/item.ts'
import { resolutions, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import { turnOrigins, turnStates } from '@mc/core/turns/turn.ts'
import { type TSchema, Type } from 'typebox'

/** The nouns as the api gives them. They may gain fields; those named here stay. */
const more = { additionalProperties: true }

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String()
const NullableText = Nullable(Text)

export const TicketShape = Type.Object(
  {
    id: Type.Integer(),
    key: Text,
    title: Text,
    body: Text,
    status: Type.Enum(ticketStatuses),
    resolution: Nullable(Type.Enum(resolutions)),
    priority: Type.Enum(priorities),
    labels: Type.Array(Text),
    source: Text,
    fingerprint: NullableText,
    parentId: Nullable(Type.Integer()),
    occurrences: Type.Integer(),
    version: Type.Integer(),
    createdAt: Text,
    updatedAt: Text,
    closedAt: NullableText,
  },
  more,
)

export const TicketEventShape = Type.Object(
  {
    id: Type.Integer(),
    ticketId: Type.Integer(),
    at: Text,
    actor: Text,
    kind: Text,
    body: NullableText,
    before: NullableText,
    after: NullableText,
  },
  more,
)

export const PromptShape = Type.Object(
  {
    id: Text,
    kind: Text,
    text: Text,
    choices: Type.Array(Type.Object({ id: Text, label: Text }, more)),
  },
  more,
)

export const TurnShape = Type.Object(
  {
    id: Text,
    seq: Type.Integer(),
    origin: Type.Enum(turnOrigins),
    author: NullableText,
    text: Text,
    state: Type.Enum(turnStates),
    reply: Text,
    problem: NullableText,
    evidence: Type.Record(Text, Type.Unknown()),
    prompt: Nullable(PromptShape),
    digestId: NullableText,
    profile: NullableText,
    createdAt: Text,
    typedAt: NullableText,
    receivedAt: NullableText,
    answeringAt: NullableText,
    endedAt: NullableText,
  },
  more,
)

export const KeyParam = Type.Object({ key: Type.String({ maxLength: 20 }) })
export const IdParam = Type.Object({ id: Type.Integer({ minimum: 1 }) })
export const NameParam = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })
