/** Outcomes looked at for whether something flaps: Nagios's number. */
export const WINDOW = 21
const AT_LEAST = 8
const ON_AT = 0.3
const OFF_UNDER = 0.2
/** Asked for so many, so that "once on, on until it is calm" can be told from the outcomes alone. */
export const OUTCOMES_MAX = 3 * WINDOW

/**
 * Whether something keeps changing between going well and failing. `failed` is how it went, oldest
 * first. On from 30 % change, off under 20 %, never with fewer than eight outcomes. Pure: the same
 * outcomes give the same answer on every machine, and nothing has to be remembered.
 */
export const isFlapping = (failed: readonly boolean[]): boolean => {
  let on = false
  for (let end = AT_LEAST; end <= failed.length; end++) {
    const rate = changeRate(failed.slice(Math.max(0, end - WINDOW), end))
    if (rate >= ON_AT) on = true
    else if (rate < OFF_UNDER) on = false
  }
  return on
}

/** The share of changes from one to the next, the oldest weighing 0.75 and the newest 1.25; 0 to 1. */
export const changeRate = (failed: readonly boolean[]): number => {
  const steps = failed.length - 1
  if (steps < 1) return 0
  let changed = 0
  for (let step = 0; step < steps; step++)
    if (failed[step] !== failed[step + 1])
      changed += steps === 1 ? 1 : 0.75 + (0.5 * step) / (steps - 1)
  return changed / steps
}

const OFTEN_OF = 10
const OFTEN = 5

/** Five failures of the last ten, whatever came between. */
export const failsOften = (failed: readonly boolean[]): boolean =>
  failed.slice(-OFTEN_OF).filter(Boolean).length >= OFTEN
