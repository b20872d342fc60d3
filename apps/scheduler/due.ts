import { dueOf } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import type { Fires } from './outcomes.ts'

/** A fire that starts this late is still on time: a busy machine, not an absence. */
export const ON_TIME_MS = 30_000
export const CATCH_UP_MAX = 10
const WINDOW_MIN_MS = 2 * 60_000
const WINDOW_MAX_MS = 2 * 3_600_000

export type Plan = {
  /** Slots to run, oldest first. */
  run: Date[]
  /** Fires that are not made up for, told as one. */
  missed: Fires | null
  trigger: 'schedule' | 'catch_up'
}

/**
 * What becomes of the fires that are due. `newest` are the last of them, `first` the first and
 * `count` how many in all; `next` is the fire to come, which gives the period.
 */
export const planFires = (
  task: Pick<Task, 'id' | 'jitterMs' | 'catchUp'>,
  { newest, count, first, next }: { newest: Date[]; count: number; first: Date; next: Date | null },
  now: Date,
): Plan => {
  const last = newest.at(-1) ?? first
  const lateMs = now.getTime() - dueOf(task, last).getTime()
  const trigger = lateMs > ON_TIME_MS || count > 1 ? 'catch_up' : 'schedule'
  const runCount =
    task.catchUp === 'all'
      ? CATCH_UP_MAX
      : lateMs <= (task.catchUp === 'skip' ? ON_TIME_MS : windowMs(last, next))
        ? 1
        : 0
  const run = newest.slice(Math.max(0, newest.length - runCount), runCount === 0 ? 0 : undefined)
  const missedCount = count - run.length
  if (missedCount === 0) return { run, missed: null, trigger }
  const lastMissed = newest.at(-1 - run.length) ?? first
  return { run, missed: { count: missedCount, first, last: lastMissed }, trigger }
}

/** How late the newest fire may still be made up for: half its period, within reason. */
export const windowMs = (last: Date, next: Date | null): number => {
  const periodMs = next ? next.getTime() - last.getTime() : WINDOW_MAX_MS * 2
  return Math.min(WINDOW_MAX_MS, Math.max(WINDOW_MIN_MS, periodMs / 2))
}
