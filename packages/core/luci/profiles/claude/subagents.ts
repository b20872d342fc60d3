import { dirname, join } from 'node:path'

/** So many are remembered; the ones before are done. */
const FILES_MAX = 50

/**
 * The transcripts of subagents: each has a file of its own beside the conversation's, and names in
 * it the prompt that it works for. One that is called again works for another.
 */
export const createSubagents = () => {
  const prompts = new Map<string, string | null>()
  return {
    files: (): string[] => [...prompts.keys()],
    has: (file: string): boolean => prompts.has(file),
    /** The transcript in `file` tells of a subagent. */
    begin: (file: string, id: string): void => {
      const folder = prompts.has(file)
        ? dirname(file)
        : join(file.replace(/\.jsonl$/, ''), 'subagents')
      const own = join(folder, `agent-${id}.jsonl`)
      if (!prompts.has(own)) prompts.set(own, null)
      const [oldest] = prompts.keys()
      if (prompts.size > FILES_MAX && oldest !== undefined) prompts.delete(oldest)
    },
    workFor: (file: string, prompt: string): void => void prompts.set(file, prompt),
    /** The prompt that the subagent works for now; null when it is not known. */
    promptOf: (file: string): string | null => prompts.get(file) ?? null,
  }
}
