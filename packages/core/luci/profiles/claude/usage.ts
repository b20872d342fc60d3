import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Fact } from './transcript.ts'

const count = Type.Integer({ minimum: 0 })
const maybeCount = Type.Optional(Type.Union([count, Type.Null()]))
const Used = Type.Object({
  message: Type.Object({
    id: Type.String(),
    model: Type.Optional(Type.String()),
    usage: Type.Object({
      input_tokens: count,
      output_tokens: count,
      cache_creation_input_tokens: maybeCount,
      cache_read_input_tokens: maybeCount,
    }),
  }),
})

/** Its own words, such as those of an API error: no model said them. */
const SYNTHETIC = '<synthetic>'

/**
 * What the call of the model behind an assistant's record used. Nothing when the record does not
 * tell it as we know it: that is no reason to doubt what was said.
 */
export const usageIn = (record: unknown): Extract<Fact, { type: 'usage' }>[] => {
  if (!Value.Check(Used, record) || record.message.model === SYNTHETIC) return []
  const { id, model = null, usage } = record.message
  const cached = usage.cache_read_input_tokens ?? 0
  return [
    {
      type: 'usage',
      call: id,
      usage: {
        model,
        tokensIn: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + cached,
        tokensOut: usage.output_tokens,
        tokensCached: cached,
        costUsd: null,
      },
    },
  ]
}
