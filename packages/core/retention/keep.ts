/** How much of the past is kept. */
export type Keep = {
  /** Runs that ended longer ago are not kept. */
  runsMs: number
  /** Of each task no more than its newest so many. */
  runsPerTask: number
  /** Log files last written longer ago are not kept. */
  logsMs: number
  /** Log files in all: the oldest go first. */
  logsBytes: number
}

export const defaultKeep: Keep = {
  runsMs: 90 * 86_400_000,
  runsPerTask: 1_000,
  logsMs: 30 * 86_400_000,
  logsBytes: 2 * 1024 * 1024 * 1024,
}

/**
 * So many of each task stay whatever their age: whether it flaps is told by its last 21 outcomes,
 * and a page without any past says nothing.
 */
export const NEWEST_KEPT = 25
