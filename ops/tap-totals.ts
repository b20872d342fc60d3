import { readFileSync } from 'node:fs'

export type Totals = {
  passed: number
  failed: number
  /** What failed, outermost first, as tap named it; a reporter may keep it to itself. */
  failures: string[]
}

const FAILURES_MAX = 40

/** What tap wrote of its run, in numbers; nothing at all is a failure. */
export const readTotals = (resultsFile: string, exitCode: number): Totals => {
  try {
    return tapTotals(readFileSync(resultsFile, 'utf8'), exitCode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { passed: 0, failed: 1, failures: ['tap wrote no results'] }
    throw error
  }
}

/**
 * Tap's own count of assertions, from the comment that ends its raw output. Only a line without
 * indent is tap's: what tests print stands indented under their file. A file that failed as a
 * whole (its exit code, say) is in no count of assertions: it counts as one.
 */
export const tapTotals = (tap: string, exitCode: number): Totals => {
  const lines = tap.split('\n')
  const summary = lines.findLast((line) => /^# \{ total: \d+/.test(line)) ?? ''
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  const failedFiles = lines.filter((line) => line.startsWith('not ok ')).length
  const failed = Math.max(count('fail'), failedFiles)
  const notOk = lines.filter((line) => /^ *(not ok|Bail out!)/.test(line)).slice(0, FAILURES_MAX)
  const silent = exitCode !== 0 && notOk.length === 0
  return {
    passed: count('pass'),
    failed: exitCode === 0 ? failed : Math.max(failed, 1),
    failures: silent ? [`tap ended with exit code ${exitCode} and named no failure`] : notOk,
  }
}
