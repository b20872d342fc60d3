import { turnIn } from './transcript.ts'

/** Hooks come late: so many prompts that are over are remembered. */
const OVER_MAX = 50

/** The id of a prompt whose own record has still to give it one. */
const UNNAMED = ''

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

/**
 * One runs at a time, and none twice. Which, the transcript decides: a hook of the next prompt may
 * come before the end of this one is written, e.g. when a subagent is done just then.
 */
export const createPrompts = () => {
  const over: string[] = []
  let running: Running | null = null
  let waiting: Running[] = []

  const isOver = (prompt: string) => over.includes(prompt)

  const finish = () => {
    if (running && running.prompt !== UNNAMED) over.push(running.prompt)
    over.splice(0, over.length - OVER_MAX)
    running = null
  }

  const known = (prompt: string): Running | null =>
    [running, ...waiting].find((one) => one?.prompt === prompt) ?? null

  /** Ours, and told under the id of another. */
  const ofTurn = (turn: string | null): Running | null =>
    [running, ...waiting].find(
      (one) => turn !== null && one?.prompt === UNNAMED && one.turn === turn,
    ) ?? null

  return {
    now: () => running,
    known,
    isOver,
    /**
     * A hook tells of it: it runs, or waits for the end of what does. `turn`: the one that was sent
     * last. False when it was over before, or is known: what is sent while another works is told
     * under the id of that, and then taken in by it, or run under an id of its own.
     */
    heard: (prompt: string, text: string, turn: string | null): boolean => {
      if (isOver(prompt)) return false
      const next = begun(prompt, text, turn)
      const same = known(prompt)
      if (same) {
        if (next.turn !== null && next.turn !== same.turn && !ofTurn(next.turn))
          waiting.push({ ...next, prompt: UNNAMED })
        return false
      }
      if (running) waiting.push(next)
      else running = next
      return true
    },
    /** Its own record has come: it runs, and what ran before does not, whether its end was told or not. */
    written: (prompt: string, text: string, turn: string | null): boolean => {
      if (isOver(prompt)) return false
      const isNew = running?.prompt !== prompt
      if (isNew) {
        const begins = begun(prompt, text, turn)
        const next = known(prompt) ?? ofTurn(begins.turn) ?? begins
        if (next !== running) finish()
        waiting = waiting.filter((one) => one !== next)
        running = Object.assign(next, { prompt })
      }
      if (running) running.written = true
      return isNew
    },
    /** What runs has taken these words in and answers them now; they run on their own no more. */
    joined: (turn: string): void => {
      waiting = waiting.filter((one) => one.turn !== turn)
      if (running) Object.assign(running, { turn, blocks: 0, reply: '' })
    },
    /** Returns what has ended, null when nothing ran; what waited runs. */
    end: (): Running | null => {
      const ended = running
      finish()
      running = waiting.shift() ?? null
      return ended
    },
    /** Nothing runs and nothing waits: it is another program, or another conversation. */
    drop: (): void => {
      finish()
      waiting = []
    },
    /** The turn is over: what still runs of it is nobody's. */
    disown: (): void => {
      for (const one of [running, ...waiting]) if (one) one.turn = null
    },
  }
}

const begun = (prompt: string, text: string, turn: string | null): Running => {
  const named = turnIn(text)
  return {
    prompt,
    turn: named !== null && named === turn ? named : null,
    ...{ written: false, blocks: 0, reply: '' },
    ...{ apiError: null, failure: null, stopped: null },
  }
}
