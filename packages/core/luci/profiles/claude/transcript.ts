import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Usage } from '../../../costs/usage.ts'
import { usageIn } from './usage.ts'

/*
 * The records of a Claude Code transcript that say what became of a prompt. There are a dozen
 * other kinds, and records of side chains (subagents), in between or in files of their own: these
 * only tell for which prompt they work, and what they used.
 */
const Block = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) })
const User = Type.Object({
  message: Type.Object({ content: Type.Union([Type.String(), Type.Array(Block)]) }),
  promptId: Type.Optional(Type.String()),
  origin: Type.Optional(Type.Object({ kind: Type.String() })),
})
/** Words that were sent while it worked, and given to its model between two calls. */
const Joined = Type.Object({
  attachment: Type.Object({
    type: Type.Literal('queued_command'),
    prompt: Type.Union([Type.String(), Type.Array(Block)]),
  }),
})
/** A tool that is a subagent names it; its name is a part of a file's. */
const Begun = Type.Object({
  toolUseResult: Type.Object({ agentId: Type.String({ pattern: '^[\\w-]{1,100}$' }) }),
})
const Assistant = Type.Object({
  message: Type.Object({ content: Type.Array(Block) }),
  isApiErrorMessage: Type.Optional(Type.Boolean()),
})

export type Fact =
  | { type: 'prompt'; id: string; text: string }
  /** What runs answers these words from here on. */
  | { type: 'joined'; text: string }
  /** A subagent has a transcript of its own. */
  | { type: 'subagent'; id: string }
  /** The prompt that a subagent works for. */
  | { type: 'works-for'; prompt: string }
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
  if (!/"type":\s*"(?:user|assistant|system|queued_command)"/.test(line)) return []
  const record = json(line)
  if (!record) return []
  const used = record.type === 'assistant' ? usageIn(record) : []
  if (record.isSidechain === true) return [...used, ...worksFor(record), ...begun(record)]
  if (record.type === 'attachment') return joined(record)
  if (record.type === 'system') return record.subtype === 'turn_duration' ? [{ type: 'ended' }] : []
  if (record.isMeta === true || record.isCompactSummary === true) return []
  if (record.type === 'user')
    return [...begun(record), ...checked(User, record, 'user', saidByPerson)]
  if (record.type !== 'assistant') return []
  return [...used, ...checked(Assistant, record, 'assistant', saidByModel)]
}

/**
 * The turn that a prompt belongs to: `[mc 7f3a9c]` stands in it as it was typed. What a subagent
 * reports is nobody's words, whatever it quotes.
 */
export const turnIn = (prompt: string): string | null =>
  isNotification(prompt) ? null : (/\[mc ([0-9a-f]{6})\]/.exec(prompt)?.[1] ?? null)

/** A subagent that worked in the background is done: its program tells itself of it. */
const isNotification = (prompt: string) => /^\s*<task-notification>/.test(prompt)

const begun = (record: unknown): Fact[] =>
  Value.Check(Begun, record) ? [{ type: 'subagent', id: record.toolUseResult.agentId }] : []

const worksFor = ({ type, promptId }: Record<string, unknown>): Fact[] =>
  type === 'user' && typeof promptId === 'string' ? [{ type: 'works-for', prompt: promptId }] : []

const joined = (record: unknown): Fact[] =>
  Value.Check(Joined, record) ? [{ type: 'joined', text: wordsOf(record.attachment.prompt) }] : []

const saidByPerson = ({ message: { content }, promptId, origin }: Static<typeof User>): Fact[] => {
  if (typeof content !== 'string') {
    const [only, ...more] = content
    if (!origin && more.length === 0 && isInterruption(only?.text)) return [{ type: 'interrupted' }]
    if (content.some(({ type }) => type === 'tool_result')) return []
  }
  const text = wordsOf(content)
  const works = origin?.kind === 'human' || origin?.kind === 'task-notification'
  if (promptId === undefined || (!works && !turnIn(text))) return []
  return [{ type: 'prompt', id: promptId, text }]
}

const isInterruption = (text = '') =>
  /^\[Request interrupted by user(?: for tool use)?\]$/.test(text)

const saidByModel = ({ message, isApiErrorMessage }: Static<typeof Assistant>): Fact[] => {
  const texts = textsOf(message.content)
  if (isApiErrorMessage) return [{ type: 'api-error', text: texts.join('\n') }]
  return texts.map((text) => ({ type: 'text', text }))
}

const wordsOf = (content: string | readonly Static<typeof Block>[]): string =>
  typeof content === 'string' ? content : textsOf(content).join('\n')

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
