import type { RunEnd } from '@mc/core/runs/run.ts'
import type { Task } from '@mc/core/tasks/task.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 15 * 60_000
/** Who lived this long is well: the next end counts as the first. */
export const LIVED_WELL_MS = 10 * 60_000

/**
 * Milliseconds until a background program is started again; null when it is not. `quickEnds` is how
 * often in a row, this time included, it ended before it had lived well.
 */
export const restartDelay = (
  task: Pick<Task, 'restart' | 'cron'>,
  status: RunEnd,
  quickEnds: number,
): number | null => {
  // We ended it (the file changed, a pause) or its scheduler died with it: it is as it was.
  if (status === 'interrupted') return task.restart === 'never' && task.cron !== '' ? null : 0
  // A person who wants it to stay away pauses its task; what is always to run runs anew.
  if (status === 'cancelled') return task.restart === 'always' ? 0 : null
  if (status === 'missed' || status === 'skipped') return null
  if (task.restart === 'never' || (task.restart === 'on-failure' && status === 'ok')) return null
  // A refused credential is not mended by trying.
  if (status === 'auth') return LONGEST_MS
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, quickEnds - 1))
}
