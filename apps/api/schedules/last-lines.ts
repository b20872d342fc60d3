import { isOpenRun, type Run } from '@mc/core/runs/run.ts'
import { LOG_BYTES_MAX } from '@mc/core/runs/run-logs.ts'

const GAP = /^\[… \d+ bytes dropped …\]\n/m

/** Whether a log of so many bytes lacks what came after them. */
export const isFull = (logBytes: number): boolean => logBytes > LOG_BYTES_MAX

/**
 * What a run said at last, as its row kept it, when its log was full before; null when the log
 * has all of it or the run goes on.
 */
export const lastLines = (
  { status, output }: Pick<Run, 'status' | 'output'>,
  logBytes: number,
): string | null => {
  if (!isFull(logBytes) || isOpenRun(status) || !output) return null
  const gap = GAP.exec(output)
  return gap ? output.slice(gap.index + gap[0].length) : output
}
