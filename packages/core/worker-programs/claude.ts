import { type Static, Type } from 'typebox'
import { noUsage } from '../costs/usage.ts'
import type { WorkerEnd, WorkerReader } from './reader.ts'
import { as, callLine, recordIn, saidBy } from './record.ts'

/**
 * `claude -p --output-format stream-json --verbose` (2.1): one record a line; `result` is the last
 * and tells everything. Read by its documents and its own output.
 */

const Block = Type.Object({
  type: Type.String(),
  text: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  input: Type.Optional(Type.Unknown()),
  content: Type.Optional(Type.Unknown()),
  is_error: Type.Optional(Type.Boolean()),
})
const Message = Type.Object({
  message: Type.Object({
    model: Type.Optional(Type.String()),
    content: Type.Union([Type.String(), Type.Array(Block)]),
  }),
})
const Tokens = Type.Optional(Type.Number())
const Result = Type.Object({
  is_error: Type.Boolean(),
  subtype: Type.Optional(Type.String()),
  result: Type.Optional(Type.String()),
  total_cost_usd: Type.Optional(Type.Number()),
  usage: Type.Optional(
    Type.Object({
      input_tokens: Tokens,
      output_tokens: Tokens,
      cache_read_input_tokens: Tokens,
      cache_creation_input_tokens: Tokens,
    }),
  ),
})

export const createClaudeReader = (): WorkerReader => {
  let model: string | null = null
  let said: string | null = null
  let over: WorkerEnd | null = null

  const block = (one: Static<typeof Block>): string => {
    if (one.type === 'text' && one.text !== undefined) return one.text
    if (one.type === 'tool_use') return callLine(one.name ?? 'tool', one.input ?? {})
    if (one.type === 'tool_result')
      return saidBy(`${one.is_error ? 'refused: ' : ''}${textOf(one.content)}`)
    return ''
  }

  return {
    read(line) {
      const record = recordIn(line)
      if (!record) return line
      if (record.type === 'system') return ''
      const message = as(Message, record)
      if ((record.type === 'assistant' || record.type === 'user') && message) {
        const { content } = message.message
        const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
        if (record.type === 'assistant') {
          const own = message.message.model
          if (own && own !== '<synthetic>') model = own
          const text = blocks.flatMap((one) => (one.type === 'text' ? [one.text ?? ''] : []))
          if (text.length > 0) said = text.join('\n')
        }
        return blocks
          .map(block)
          .filter((text) => text !== '')
          .join('\n')
      }
      const result = record.type === 'result' ? as(Result, record) : null
      if (!result) return line
      over = endOf(result, model, said)
      return ''
    },
    end: () =>
      over ?? {
        result: said,
        trouble: 'It ended without saying how',
        usage: { ...noUsage, model },
      },
  }
}

const endOf = (
  result: Static<typeof Result>,
  model: string | null,
  said: string | null,
): WorkerEnd => {
  const { usage } = result
  const cached = usage?.cache_read_input_tokens ?? 0
  const why = result.result ?? result.subtype ?? 'no reason given'
  return {
    result: result.result ?? said,
    trouble: result.is_error ? `Claude gave up: ${why}` : null,
    usage: {
      model,
      tokensIn: usage
        ? (usage.input_tokens ?? 0) + cached + (usage.cache_creation_input_tokens ?? 0)
        : null,
      tokensOut: usage?.output_tokens ?? null,
      tokensCached: usage ? cached : null,
      costUsd: result.total_cost_usd ?? null,
    },
  }
}

/** What a tool gave back: text, or a list of texts and pictures. */
const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content.map((one) => as(Type.Object({ text: Type.String() }), one)?.text ?? '').join('\n')
      : ''
