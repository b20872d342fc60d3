import { turnIn } from './transcript.ts'

/** Hooks come late: so many prompts that are over are remembered. */
const OVER_MAX = 50

/** A prompt that Claude Code works on, by its own id, and what it has said of it so far. */
export type Running = {
  prompt: string
  /** Ours; null for what a person typed by hand. */
  turn: string | null
  /** Its own record has come: what follows is of this prompt. */
  written: boolean
  blocks: number
  reply: string
  apiError: string | null
  /** Its model's API gave up, as the hook told it; null before. */
  failure: string | null
  /** The last message, as the Stop hook told it; null before. */
  stopped: string | null
}

/** One runs at a time, and none twice. */
export const createPrompts = () => {
  const over: string[] = []
  let running: Running | null = null

  return {
    now: () => running,
    /**
     * It works on this prompt now. `turn`: the one that was sent last. Null when that prompt was
     * over before, or when its id is the running one's: what is sent while it works is told under
     * that, and runs under its own.
     */
    run: (prompt: string, text: string, turn: string | null): Running | null => {
      if (over.includes(prompt) || running?.prompt === prompt) return null
      const named = turnIn(text)
      running = {
        prompt,
        turn: named !== null && named === turn ? named : null,
        ...{ written: false, blocks: 0, reply: '' },
        ...{ apiError: null, failure: null, stopped: null },
      }
      return running
    },
    isOver: (prompt: string) => over.includes(prompt),
    /** Returns what has ended; null when nothing ran. */
    end: (): Running | null => {
      const ended = running
      if (ended) over.push(ended.prompt)
      over.splice(0, over.length - OVER_MAX)
      running = null
      return ended
    },
  }
}
