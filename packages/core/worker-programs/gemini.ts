import { Type } from 'typebox'
import { noUsage } from '../costs/usage.ts'
import type { WorkerEnd, WorkerReader } from './reader.ts'
import { as, callLine, recordIn, saidBy } from './record.ts'

/**
 * `gemini -o stream-json` (0.61): its words in pieces (`message` with `delta`), tools, and one
 * `result` with the sums. It tells no price.
 */

const Init = Type.Object({ model: Type.String() })
const Message = Type.Object({ role: Type.String(), content: Type.String() })
const Used = Type.Object({ tool_name: Type.String(), parameters: Type.Optional(Type.Unknown()) })
const Answered = Type.Object({
  status: Type.String(),
  output: Type.Optional(Type.String()),
  error: Type.Optional(Type.Object({ message: Type.Optional(Type.String()) })),
})
const Count = Type.Optional(Type.Number())
const Result = Type.Object({
  status: Type.String(),
  error: Type.Optional(Type.Object({ message: Type.Optional(Type.String()) })),
  stats: Type.Optional(Type.Object({ input_tokens: Count, output_tokens: Count, cached: Count })),
})

export const createGeminiReader = (): WorkerReader => {
  let model: string | null = null
  /** Its words since it last used a tool. */
  let said = ''
  /** Those of them that no line break has ended. */
  let line = ''
  let over: WorkerEnd | null = null

  /** Whole lines at a time: a log is read by lines. */
  const shown = (piece: string): string => {
    line += piece
    const end = line.lastIndexOf('\n') + 1
    const whole = line.slice(0, end)
    line = line.slice(end)
    return whole
  }
  const rest = (): string => {
    const last = line
    line = ''
    return last === '' ? '' : `${last}\n`
  }

  return {
    read(text) {
      const record = recordIn(text)
      if (!record) return text
      const init = record.type === 'init' ? as(Init, record) : null
      if (init) {
        model = init.model
        return ''
      }
      const message = record.type === 'message' ? as(Message, record) : null
      if (message) {
        // The person's is what we gave it.
        if (message.role !== 'assistant') return ''
        said += message.content
        return shown(message.content)
      }
      const used = record.type === 'tool_use' ? as(Used, record) : null
      if (used) {
        said = ''
        return rest() + callLine(used.tool_name, used.parameters ?? {})
      }
      const answered = record.type === 'tool_result' ? as(Answered, record) : null
      if (answered)
        return answered.status === 'success'
          ? saidBy(answered.output ?? '')
          : saidBy(`refused: ${answered.error?.message ?? answered.output ?? answered.status}`)
      const result = record.type === 'result' ? as(Result, record) : null
      if (!result) return text
      const { stats } = result
      over = {
        result: said.trim() === '' ? null : said,
        trouble:
          result.status === 'success'
            ? null
            : `Gemini gave up: ${result.error?.message ?? result.status}`,
        usage: {
          model,
          tokensIn: stats?.input_tokens ?? null,
          tokensOut: stats?.output_tokens ?? null,
          tokensCached: stats?.cached ?? null,
          costUsd: null,
        },
      }
      return rest() + (over.trouble ?? '')
    },
    end: () =>
      over ?? {
        result: said.trim() === '' ? null : said,
        trouble: 'It ended without saying how',
        usage: { ...noUsage, model },
      },
  }
}
