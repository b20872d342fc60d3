import { readFileSync } from 'node:fs'

export type Totals = { passed: number; failed: number }

/** What tap wrote of its run, in numbers; nothing at all is a failure. */
export const readTotals = (resultsFile: string, exitCode: number): Totals => {
  try {
    return tapTotals(readFileSync(resultsFile, 'utf8'), exitCode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { passed: 0, failed: 1 }
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
  return { passed: count('pass'), failed: exitCode === 0 ? failed : Math.max(failed, 1) }
}
