import { Content, proposalStates } from '@mc/core/proposals/proposal.ts'
import { actionClasses } from '@mc/core/trust/classes.ts'
import { turnOrigins } from '@mc/core/turns/turn.ts'
import { Type } from 'typebox'
import { Paging } from '../paging.ts'
import { Nullable, TicketShape } from '../schemas.ts'

const closed = { additionalProperties: false }
const more = { additionalProperties: true }
const NullableText = Nullable(Type.String())

export const ProposalId = Type.String({
  pattern: '^[0-9a-f]{6}$',
  description: 'The proposal, six hex digits',
  examples: ['7f3a9c'],
})
export const ProposalParam = Type.Object({ id: ProposalId })

/** What Luci (or a person) proposes. */
export const NewProposalBody = Type.Object(
  {
    ...Content.properties,
    item: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The inbox item it is for; a digest turn needs it' }),
    ),
    replaces: Type.Optional(ProposalId),
  },
  closed,
)

const Version = Type.Integer({
  minimum: 1,
  description: 'The version that was looked at; when it is another by now, nothing is done',
})
const Edited = Type.Object(Content.properties, {
  ...closed,
  description: 'The chosen steps, edited and ordered as they shall be; left out: all as proposed',
})

export const AcceptBody = Type.Object(
  {
    version: Type.Optional(Version),
    content: Type.Optional(Edited),
    seen: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'The largest `edit` of `ticketEdits` that was looked at; without it, a ticket that was changed since it was proposed for a worker is a 409',
      }),
    ),
  },
  closed,
)
export const RefuseBody = Type.Object(
  {
    version: Type.Optional(Version),
    reason: Type.Optional(Type.String({ maxLength: 2_000, description: 'Why, for Luci to read' })),
  },
  closed,
)
export const WithdrawBody = Type.Object(
  {
    why: Type.Optional(Type.String({ maxLength: 2_000, description: 'For the person to read' })),
  },
  closed,
)
export const ChangesBody = Type.Object(
  {
    version: Type.Optional(Version),
    note: Type.Optional(Type.String({ maxLength: 8_000, description: 'What should be otherwise' })),
    content: Type.Optional(Edited),
  },
  closed,
)

export const ProposalFilter = Type.Object({
  ...Paging,
  state: Type.Optional(Type.Enum(proposalStates)),
  turn: Type.Optional(Type.String({ maxLength: 40, description: 'Those of this turn' })),
})

export const ProposalShape = Type.Object(
  {
    id: Type.String(),
    seq: Type.Integer(),
    turnId: NullableText,
    origin: Type.Enum(turnOrigins),
    title: Type.String(),
    content: Type.Object(Content.properties),
    state: Type.Enum(proposalStates),
    version: Type.Integer(),
    itemId: Nullable(Type.Integer()),
    replaces: NullableText,
    accepted: Nullable(Type.Object(Content.properties)),
    asked: NullableText,
    askedTurnId: NullableText,
    askedContent: Nullable(Type.Object(Content.properties)),
    reason: NullableText,
    parentId: Nullable(Type.Integer()),
    createdAt: Type.String(),
    decidedAt: NullableText,
    decidedBy: NullableText,
  },
  more,
)

const StepActShape = Type.Object(
  {
    id: Type.Integer(),
    class: Type.Enum(actionClasses),
    step: NullableText,
    title: Type.String(),
    state: Type.String(),
    ref: NullableText,
  },
  more,
)

const TicketEditShape = Type.Object(
  {
    ticket: Type.String(),
    fields: Type.Array(
      Type.Object({ field: Type.String(), before: Type.String(), after: Type.String() }, more),
    ),
    edit: Type.Integer(),
  },
  more,
)

export const ProposalStoryShape = Type.Object(
  {
    ...ProposalShape.properties,
    acts: Type.Array(StepActShape),
    tickets: Type.Array(TicketShape),
    ticketEdits: Type.Array(TicketEditShape, {
      description: 'What was changed, since it was proposed, on tickets that it hands to workers',
    }),
  },
  more,
)

export const ProposedShape = Type.Object(
  {
    proposal: ProposalShape,
    outcome: Type.Enum(['waits', 'carried_out']),
    reason: Type.String(),
    note: Type.String({ description: 'What became of it, in a sentence' }),
  },
  more,
)

/** The answer to a verb of Luci's that a person must say yes to first. */
export const WaitsShape = Type.Object(
  {
    proposal: ProposalShape,
    note: Type.String({ description: 'What became of it, in a sentence' }),
  },
  more,
)
