import { type Static, Type } from 'typebox'
import { addUsage, noUsage, type Usage } from '../costs/usage.ts'
import type { WorkerReader } from './reader.ts'
import { as, callLine, recordIn, saidBy } from './record.ts'

/**
 * `codex exec --json` (0.169): `item.completed` for each thing said or done, `turn.completed` with
 * the tokens, `turn.failed` with the reason. It names neither its model nor a price.
 */

const Item = Type.Object({
  item: Type.Object({
    type: Type.String(),
    text: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
    command: Type.Optional(Type.String()),
    aggregated_output: Type.Optional(Type.String()),
    exit_code: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    changes: Type.Optional(Type.Array(Type.Object({ path: Type.String(), kind: Type.Unknown() }))),
  }),
})
const Completed = Type.Object({
  usage: Type.Object({
    input_tokens: Type.Integer(),
    cached_input_tokens: Type.Optional(Type.Integer()),
    output_tokens: Type.Integer(),
  }),
})
const Failed = Type.Object({ error: Type.Object({ message: Type.String() }) })
const Complaint = Type.Object({ message: Type.String() })

/** What says that work goes on, without a word for a person. */
const quiet = ['thread.started', 'turn.started', 'item.updated']

export const createCodexReader = (): WorkerReader => {
  let said: string | null = null
  let trouble: string | null = 'It ended without saying how'
  let usage: Usage = noUsage

  const shown = ({ item }: Static<typeof Item>, line: string): string => {
    if (item.type === 'agent_message' && item.text !== undefined) {
      if (item.text.trim() !== '') said = item.text
      return item.text
    }
    if (item.type === 'command_execution') {
      const exit = item.exit_code ? `(exit code ${item.exit_code})` : ''
      return [callLine('shell', item), saidBy(item.aggregated_output ?? ''), exit]
        .filter((part) => part !== '')
        .join('\n')
    }
    if (item.type === 'file_change')
      return (item.changes ?? []).map(({ path, kind }) => `[${String(kind)}] ${path}`).join('\n')
    if (item.type === 'error') return `[${item.message ?? 'error'}]`
    return item.type === 'reasoning' ? '' : line
  }

  return {
    read(line) {
      const record = recordIn(line)
      if (!record) return line
      if (typeof record.type === 'string' && quiet.includes(record.type)) return ''
      const item = as(Item, record)
      if (record.type === 'item.started' && item) return ''
      if (record.type === 'item.completed' && item) return shown(item, line)
      const completed = record.type === 'turn.completed' ? as(Completed, record) : null
      if (completed) {
        trouble = null
        usage = addUsage(usage, {
          ...noUsage,
          tokensIn: completed.usage.input_tokens,
          tokensOut: completed.usage.output_tokens,
          tokensCached: completed.usage.cached_input_tokens ?? 0,
        })
        return ''
      }
      const failed = record.type === 'turn.failed' ? as(Failed, record) : null
      if (failed) {
        trouble = `Codex gave up: ${reasonIn(failed.error.message)}`
        return trouble
      }
      const complaint = record.type === 'error' ? as(Complaint, record) : null
      return complaint ? `[${reasonIn(complaint.message)}]` : line
    },
    end: () => ({ result: said, trouble, usage }),
  }
}

/** Its providers' errors come as JSON in its message. */
const reasonIn = (message: string): string =>
  as(Failed, recordIn(message))?.error.message ?? message
