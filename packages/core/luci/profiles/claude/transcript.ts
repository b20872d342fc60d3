import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Usage } from '../../../costs/usage.ts'
import { usageIn } from './usage.ts'

/*
 * The records of a Claude Code transcript that say what became of a prompt. There are a dozen
 * other kinds, and records of side chains (subagents) in between: these only tell what they used.
 */
const Block = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) })
const User = Type.Object({
  message: Type.Object({ content: Type.Union([Type.String(), Type.Array(Block)]) }),
  promptId: Type.Optional(Type.String()),
  origin: Type.Optional(Type.Object({ kind: Type.String() })),
})
const Assistant = Type.Object({
  message: Type.Object({ content: Type.Array(Block) }),
  isApiErrorMessage: Type.Optional(Type.Boolean()),
})

export type Fact =
  | { type: 'prompt'; id: string; text: string }
  | { type: 'text'; text: string }
  /** Its model's API failed; the words are for the person. */
  | { type: 'api-error'; text: string }
  | { type: 'interrupted' }
  /** What a call of the model used; told again with each block of its answer. */
  | { type: 'usage'; call: string; usage: Usage }
  /** All of the turn is written. */
  | { type: 'ended' }
  /** A record that we rely on has another shape; the text names the field. */
  | { type: 'broken'; problem: string }

/** What a line says, in order; most say nothing. */
export const factsOf = (line: string): Fact[] => {
  if (!/"type":\s*"(?:user|assistant|system)"/.test(line)) return []
  const record = json(line)
  if (!record) return []
  const used = record.type === 'assistant' ? usageIn(record) : []
  if (record.isSidechain === true) return used
  if (record.type === 'system') return record.subtype === 'turn_duration' ? [{ type: 'ended' }] : []
  if (record.isMeta === true || record.isCompactSummary === true) return []
  if (record.type === 'user') return checked(User, record, 'user', saidByPerson)
  if (record.type !== 'assistant') return []
  return [...used, ...checked(Assistant, record, 'assistant', saidByModel)]
}

/** The turn that a prompt belongs to: `[mc 7f3a9c]` stands in it as it was typed. */
export const turnIn = (prompt: string): string | null =>
  /\[mc ([0-9a-f]{6})\]/.exec(prompt)?.[1] ?? null

const saidByPerson = ({ message: { content }, promptId, origin }: Static<typeof User>): Fact[] => {
  if (typeof content !== 'string') {
    const [only, ...more] = content
    if (!origin && more.length === 0 && isInterruption(only?.text)) return [{ type: 'interrupted' }]
    if (content.some(({ type }) => type === 'tool_result')) return []
  }
  const text = typeof content === 'string' ? content : textsOf(content).join('\n')
  if (promptId === undefined || (origin?.kind !== 'human' && !turnIn(text))) return []
  return [{ type: 'prompt', id: promptId, text }]
}

const isInterruption = (text = '') =>
  /^\[Request interrupted by user(?: for tool use)?\]$/.test(text)

const saidByModel = ({ message, isApiErrorMessage }: Static<typeof Assistant>): Fact[] => {
  const texts = textsOf(message.content)
  if (isApiErrorMessage) return [{ type: 'api-error', text: texts.join('\n') }]
  return texts.map((text) => ({ type: 'text', text }))
}

/** A block without a word stands before some tool calls. */
const textsOf = (blocks: readonly Static<typeof Block>[]): string[] =>
  blocks.flatMap(({ type, text }) => (type === 'text' && text ? [text] : []))

const checked = <Shape extends TSchema>(
  shape: Shape,
  record: unknown,
  kind: string,
  read: (record: Static<Shape>) => Fact[],
): Fact[] => {
  if (Value.Check(shape, record)) return read(record)
  const [error] = Value.Errors(shape, record)
  return [{ type: 'broken', problem: `${kind}${error?.instancePath ?? ''} ${error?.message}` }]
}

const json = (line: string): Record<string, unknown> | null => {
  try {
    return JSON.parse(line)
  } catch {
    // Half a line, where we began to read in the middle.
    return null
  }
}
