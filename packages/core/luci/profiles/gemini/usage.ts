import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Usage } from '../../../costs/usage.ts'

const count = Type.Integer({ minimum: 0 })
const maybeCount = Type.Optional(Type.Union([count, Type.Null()]))
const Used = Type.Object({
  id: Type.String(),
  model: Type.Optional(Type.String()),
  tokens: Type.Object({
    input: count,
    output: count,
    cached: maybeCount,
    thoughts: maybeCount,
    /** What tools of the model's own brought in; it is not in `input`. */
    tool: maybeCount,
  }),
})

/** What the call of the model behind a `gemini` record used; null when it does not tell. */
export const usageIn = (record: unknown): Usage | null => {
  if (!Value.Check(Used, record)) return null
  const { model = null, tokens } = record
  return {
    model,
    tokensIn: tokens.input + (tokens.tool ?? 0),
    tokensOut: tokens.output + (tokens.thoughts ?? 0),
    tokensCached: tokens.cached ?? 0,
    costUsd: null,
  }
}
