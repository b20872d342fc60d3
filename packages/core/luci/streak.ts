import type { Trouble } from './status.ts'

/*
 * How a program that does not stay up is treated: each start that does not last makes the next
 * wait longer, and the inbox hears of the first alone.
 */

const BACK_OFF_MS = [500, 1_000, 2_000, 5_000, 15_000, 60_000, 300_000]
/** A program that lived this long ends the streak. */
const SOUND_AFTER_MS = 60_000
/** So many ends in a row are no accident. */
const NO_ACCIDENT = 3

export const createStreak = () => {
  let failures = 0
  let ends = 0
  const told = new Set<'agent' | 'tmux'>()
  const backOffMs = () => BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] as number
  const over = () => {
    failures = 0
    ends = 0
    told.clear()
  }
  return {
    /** A person asked, or a program was sound: what comes is a new story. */
    over,
    lived: (ms: number): void => {
      if (ms > SOUND_AFTER_MS) over()
    },
    ended: (): void => {
      ends += 1
    },
    /** Twice in a row: what it was started with may be to blame. */
    isHopeless: (): boolean => ends >= 2,
    /** How long to wait before the next start (ms). */
    failed: (): number => {
      const ms = backOffMs()
      failures += 1
      return ms
    },
    /** Whether the inbox has not heard of it yet; it is taken to have heard now. */
    isNews: (what: 'agent' | 'tmux'): boolean => !told.has(what) && Boolean(told.add(what)),
    /** What a person should know of a program that has just ended. */
    trouble: (attachCommand: string): Trouble =>
      ends < NO_ACCIDENT
        ? { problem: 'Her program ended; it is being started again', hint: null }
        : {
            problem: `Her program ended soon after its start, ${ends} times in a row; the next try is in ${lasting(backOffMs())}`,
            hint: `Its last words are in her pane: ${attachCommand}. To try at once: npx -y pnpm@12 mc luci start`,
          },
  }
}

const lasting = (ms: number): string => {
  if (ms < 60_000) return `${Math.ceil(ms / 1_000)} s`
  return `${Math.round(ms / 60_000)} min`
}
