import { Type } from 'typebox'

const sum = {
  times: Type.Integer({ description: 'Turns and worker runs that told something' }),
  tokensIn: Type.Integer({ description: 'All that models read, what came from a cache included' }),
  tokensOut: Type.Integer(),
  tokensCached: Type.Integer({ description: 'Of tokensIn' }),
  costUsd: Type.Number({ description: 'Of what has a price' }),
  unpriced: Type.Integer({ description: 'How many had no price: the true sum is higher' }),
}
const Sum = Type.Object(sum)
const day = {
  day: Type.String({ description: 'UTC', examples: ['2026-11-22'] }),
  ...sum,
  byKind: Type.Object({
    chat: Type.Optional(Sum),
    digest: Type.Optional(Sum),
    worker: Type.Optional(Sum),
  }),
}
const amount = Type.Union([Type.Number(), Type.Null()])

export const CapShape = Type.Object({
  limits: Type.Object({ tokens: amount, usd: amount }),
  from: Type.Enum(['environment', 'person']),
})

export const CostsShape = Type.Object({
  today: Type.Object({
    ...day,
    cap: CapShape,
    share: Type.Union([Type.Number(), Type.Null()], {
      description: 'Of the cap: 1 is all of it; null without one',
    }),
    over: Type.Union([Type.String(), Type.Null()], {
      description: 'Why no digest is sent and no worker starts; null while they are',
    }),
  }),
  days: Type.Array(Type.Object(day), { description: 'Oldest first, today as the last' }),
})

export const CostsQuery = Type.Object({
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, description: '30 without' })),
})

/** Null: it told nothing. */
export const TotalShape = Type.Object({
  usage: Type.Union([
    Type.Object({
      model: Type.Union([Type.String(), Type.Null()], { description: 'The last one' }),
      tokensIn: amount,
      tokensOut: amount,
      tokensCached: amount,
      costUsd: amount,
      times: Type.Integer({ description: 'Turns or runs' }),
      unpriced: Type.Integer(),
    }),
    Type.Null(),
  ]),
})

/** What is left out stays as it is. */
export const SetCap = Type.Object(
  {
    tokens: Type.Optional(
      Type.String({ maxLength: 30, description: 'Such as 2M; none for no cap of tokens' }),
    ),
    usd: Type.Optional(
      Type.String({ maxLength: 30, description: 'Such as 5; none for no cap of money' }),
    ),
    reset: Type.Optional(
      Type.Boolean({ description: 'Both go back to what the environment says' }),
    ),
  },
  { additionalProperties: false },
)
