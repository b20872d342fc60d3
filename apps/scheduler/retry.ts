import type { Task } from '@mc/core/tasks/task.ts'
import type { Attempt } from './attempt.ts'

const FIRST_MS = 30_000
const LONGEST_MS = 15 * 60_000
const SPREAD = 0.2

/**
 * Milliseconds until the next try; null when there is none. Only a passing trouble is tried
 * again. `chance` (0 to 1) spreads the tries of many tasks that failed together.
 */
export const retryDelay = (
  task: Pick<Task, 'retries'>,
  result: Pick<Attempt, 'passing' | 'retryAfterMs'>,
  tries: number,
  chance: number,
): number | null => {
  if (!result.passing || tries > task.retries) return null
  const backoff = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1))
  const spread = Math.round(backoff * (1 - SPREAD + 2 * SPREAD * chance))
  return Math.max(spread, result.retryAfterMs ?? 0)
}
