import { Type } from 'typebox'
import { addUsage, noUsage, type Usage } from '../costs/usage.ts'
import type { WorkerReader } from './reader.ts'
import { as, callLine, recordIn, saidBy } from './record.ts'

/**
 * `opencode run --format json` (1.18): `text` and `tool_use` as they come, `step_finish` with the
 * tokens of each step. It ends quietly, with success, when it was refused a permission: then its
 * last step is one that called tools.
 */

const Part = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object({ part: Type.Object(properties) })
const Said = Part({ text: Type.String() })
const Used = Part({
  tool: Type.String(),
  state: Type.Object({
    status: Type.String(),
    input: Type.Optional(Type.Unknown()),
    output: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
  }),
})
const Finished = Part({
  reason: Type.String(),
  cost: Type.Optional(Type.Number()),
  tokens: Type.Object({
    input: Type.Number(),
    output: Type.Number(),
    reasoning: Type.Optional(Type.Number()),
    cache: Type.Optional(Type.Object({ read: Type.Number(), write: Type.Number() })),
  }),
})
const Failed = Type.Object({
  error: Type.Object({
    name: Type.String(),
    data: Type.Optional(Type.Object({ message: Type.Optional(Type.String()) })),
  }),
})

export const createOpencodeReader = (): WorkerReader => {
  let said: string | null = null
  let stopped = false
  let refused: string | null = null
  let failed: string | null = null
  let usage: Usage = noUsage

  return {
    read(line) {
      const record = recordIn(line)
      if (!record) return line
      if (record.type === 'step_start') return ''
      if (record.type === 'reasoning') return ''
      const text = record.type === 'text' ? as(Said, record) : null
      if (text) {
        said = text.part.text
        return said
      }
      const used = record.type === 'tool_use' ? as(Used, record) : null
      if (used) {
        const { status, input, output, error } = used.part.state
        refused = status === 'error' ? (error ?? 'a tool failed') : null
        const answer = refused === null ? (output ?? '') : `refused: ${refused}`
        return [callLine(used.part.tool, input ?? {}), saidBy(answer)]
          .filter((part) => part !== '')
          .join('\n')
      }
      const step = record.type === 'step_finish' ? as(Finished, record) : null
      if (step) {
        const { tokens, cost = 0, reason } = step.part
        stopped = reason !== 'tool-calls'
        const { read, write } = tokens.cache ?? { read: 0, write: 0 }
        usage = addUsage(usage, {
          model: null,
          tokensIn: tokens.input + read + write,
          tokensOut: tokens.output + (tokens.reasoning ?? 0),
          tokensCached: read,
          // It says 0 for a model whose price it does not know, too.
          costUsd: cost > 0 ? cost : null,
        })
        return ''
      }
      const error = record.type === 'error' ? as(Failed, record) : null
      if (!error) return line
      failed = `OpenCode gave up: ${error.error.data?.message ?? error.error.name}`
      return failed
    },
    end: () => ({
      result: said,
      trouble:
        failed ??
        (stopped ? null : refused ? `It was stopped: ${refused}` : 'It ended without saying how'),
      usage,
    }),
  }
}
