import { actStates, corrections } from '@mc/core/acts/act.ts'
import { actionClasses, autonomyModes } from '@mc/core/trust/classes.ts'
import { CAP_MAX } from '@mc/core/trust/modes.ts'
import { Type } from 'typebox'
import { Paging } from '../paging.ts'
import { Nullable } from '../schemas.ts'

/** They may gain fields; those named here stay. */
const more = { additionalProperties: true }
const closed = { additionalProperties: false }
const Text = Type.String()
const NullableText = Nullable(Text)

export const ActShape = Type.Object(
  {
    id: Type.Integer(),
    class: Type.Enum(actionClasses),
    proposalId: NullableText,
    step: NullableText,
    turnId: NullableText,
    title: Text,
    state: Type.Enum(actStates),
    atOnce: Type.Boolean(),
    ref: NullableText,
    createdAt: Text,
    decidedAt: NullableText,
    decidedBy: NullableText,
    correction: Nullable(Type.Enum(corrections)),
    correctedAt: NullableText,
    note: NullableText,
    undoneAt: NullableText,
  },
  more,
)

/** With whether it can be taken back at this moment. */
export const SeenActShape = Type.Object(
  {
    ...ActShape.properties,
    undoable: Type.Boolean({ description: 'Whether it can be undone now' }),
    notUndoable: Nullable(
      Type.String({
        description: 'Why it cannot be undone; null: it can, nothing was done, or it is undone',
      }),
    ),
    undoableTogether: Type.Boolean({
      description: 'Whether undoing all that came of its proposal takes it back too',
    }),
  },
  more,
)

export const HeldShape = Type.Object({ by: Text, reason: Text, since: NullableText }, more)

const RecordShape = Type.Object(
  {
    proposed: Type.Integer(),
    waiting: Type.Integer(),
    accepted: Type.Integer(),
    edited: Type.Integer(),
    refused: Type.Integer(),
    parked: Type.Integer(),
    atOnce: Type.Integer(),
    asked: Type.Integer(),
    undone: Type.Integer(),
    wrong: Type.Integer(),
    right: Nullable(Type.Integer()),
  },
  more,
)

const ClassShape = Type.Object(
  {
    class: Type.Enum(actionClasses),
    mode: Type.Enum(autonomyModes),
    from: Text,
    locked: NullableText,
    setBy: NullableText,
    setAt: NullableText,
    acts: Type.Boolean(),
    cap: Type.Integer(),
    used: Type.Integer(),
    free: Type.Integer(),
    record: RecordShape,
  },
  more,
)

const EventShape = Type.Object(
  {
    id: Type.Integer(),
    at: Text,
    class: Nullable(Type.Enum(actionClasses)),
    kind: Text,
    by: Text,
    reason: NullableText,
  },
  more,
)

export const AutonomyShape = Type.Object(
  {
    main: Type.Enum(autonomyModes),
    held: Nullable(HeldShape),
    classes: Type.Array(ClassShape),
    history: Type.Array(EventShape),
  },
  more,
)

export const ClassParam = Type.Object({ class: Type.Enum(actionClasses) })

/** One of the two, or both. */
export const SetClass = Type.Object(
  {
    mode: Type.Optional(Type.Enum(autonomyModes)),
    seen: Type.Optional(
      Type.Boolean({
        description: 'Of a class that was locked again: that its record was looked at',
      }),
    ),
    cap: Type.Optional(
      Type.Integer({ minimum: 0, maximum: CAP_MAX, description: 'So many a UTC day at most' }),
    ),
  },
  closed,
)

export const PauseBody = Type.Object(
  {
    reason: Type.Optional(Type.String({ maxLength: 300 })),
    workers: Type.Optional(
      Type.Boolean({ description: 'Cancel also the workers that a person ordered' }),
    ),
  },
  closed,
)
export const PausedShape = Type.Object(
  {
    reason: Text,
    by: Text,
    since: Text,
    cancelled: Type.Array(Text, { description: 'Runs that were told to end' }),
  },
  more,
)

export const ShadowQuery = Type.Object({
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, default: 30 })),
  trust: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Classes with commas between, or "all"; left out: those unlocked now',
    }),
  ),
})

const Count = Type.Integer()
export const ShadowShape = Type.Object(
  {
    days: Count,
    since: Text,
    trusted: Type.Array(Type.Enum(actionClasses)),
    classes: Type.Array(
      Type.Object(
        {
          class: Type.Enum(actionClasses),
          trusted: Type.Boolean(),
          acts: Count,
          atOnce: Count,
          accepted: Count,
          edited: Count,
          refused: Count,
          unjudged: Count,
          undone: Count,
          wrong: Count,
          overCap: Count,
          lockedAt: NullableText,
          lockedWhy: NullableText,
        },
        more,
      ),
    ),
    items: Text,
  },
  more,
)

export const ActFilter = Type.Object({
  ...Paging,
  state: Type.Optional(Type.Enum(actStates)),
  class: Type.Optional(Type.Enum(actionClasses)),
  atOnce: Type.Optional(Type.Boolean({ description: 'Only what she did by herself' })),
})

export const ActParam = Type.Object({ id: Type.Integer({ minimum: 1 }) })

export const WrongBody = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 1_000 })) },
  closed,
)

export const UndoneShape = Type.Object({ act: ActShape, says: Text }, more)

export const UndoneAllShape = Type.Object(
  {
    steps: Type.Array(Type.Object({ act: ActShape, undone: Type.Boolean(), says: Text }, more)),
  },
  more,
)
