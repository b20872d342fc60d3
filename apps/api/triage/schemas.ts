import { itemKinds, verdictActions } from '@mc/core/inbox/item.ts'
import { Type } from 'typebox'

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const RulesShape = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      sentence: Type.String(),
      by: Type.Enum(['person', 'built_in']),
    }),
    { description: 'In their order: the first with an opinion decides' },
  ),
  file: orNull(
    Type.Object({
      name: Type.String(),
      since: Type.String(),
      problems: Type.Array(Type.String(), {
        description: 'While there are any, the last good set goes on',
      }),
    }),
  ),
})

const Replayed = Type.Object({
  item: Type.Integer(),
  at: Type.String(),
  about: Type.String(),
  kind: orNull(Type.Enum(itemKinds)),
  message: Type.String(),
  did: Type.Object({
    action: orNull(Type.Enum(verdictActions)),
    by: orNull(Type.String()),
    reason: orNull(Type.String()),
  }),
  would: Type.Object({
    action: Type.Enum([...verdictActions, 'ask'] as const),
    by: Type.String(),
    reason: Type.String(),
  }),
  difference: orNull(Type.Enum(['action', 'rule'])),
})

export const ReplayShape = Type.Object({
  items: Type.Integer(),
  more: Type.Boolean(),
  since: Type.String(),
  changed: Type.Integer(),
  otherRule: Type.Integer(),
  undecided: Type.Integer(),
  rules: Type.Array(
    Type.Object({ by: Type.String(), count: Type.Integer(), changed: Type.Integer() }),
  ),
  list: Type.Array(Replayed),
})
