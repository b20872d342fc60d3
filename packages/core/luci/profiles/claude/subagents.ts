import { dirname, join } from 'node:path'
import type { Followed, RecordEvent } from '../profile.ts'
import { type Spending, TURNS_MAX } from '../spending.ts'
import type { Fact } from './transcript.ts'

/** So many are remembered; the ones before are done. */
const FILES_MAX = 50

/**
 * What subagents use for a turn. Each has a transcript of its own beside the conversation's, and
 * names in it the prompt that it works for; one that is called again works for another.
 */
export const createSubagents = (spending: Spending) => {
  /** The prompt that each works for now, by its transcript; null before it has told. */
  const prompts = new Map<string, string | null>()
  /** Turns of ours by the id of their prompt, as long as their spending is open. */
  const turns = new Map<string, string>()

  return {
    follows: (): Followed[] =>
      [...prompts.keys()].map((path) => ({ path, from: 'start', aside: true })),
    has: (file: string): boolean => prompts.has(file),
    /** It works on this prompt for a turn of ours. */
    asked: (prompt: string, turn: string): void => {
      turns.set(prompt, turn)
      dropOldest(turns, TURNS_MAX)
    },
    /** The transcript in `file` tells of a subagent. */
    begin: (file: string, id: string): void => {
      const folder = prompts.has(file)
        ? dirname(file)
        : join(file.replace(/\.jsonl$/, ''), 'subagents')
      const own = join(folder, `agent-${id}.jsonl`)
      if (!prompts.has(own)) prompts.set(own, null)
      dropOldest(prompts, FILES_MAX)
    },
    /** All that its own transcript tells of a turn. */
    take: (file: string, fact: Fact): RecordEvent[] => {
      if (fact.type === 'works-for') prompts.set(file, fact.prompt)
      const turn = turns.get(prompts.get(file) ?? '')
      return fact.type === 'usage' && turn ? spending.call(fact.call, fact.usage, turn) : []
    },
  }
}

const dropOldest = (of: Map<string, unknown>, countMax: number) => {
  const [oldest] = of.keys()
  if (of.size > countMax && oldest !== undefined) of.delete(oldest)
}
