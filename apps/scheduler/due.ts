import { dueOf, jitterOf, nextSlot, slotsUntil } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import type { Fires } from './outcomes.ts'

/** A fire that starts this late is still on time: a busy machine, not an absence. */
export const ON_TIME_MS = 30_000
export const CATCH_UP_MAX = 10
const WINDOW_MIN_MS = 2 * 60_000
const WINDOW_MAX_MS = 2 * 3_600_000

export type DueFires = {
  /** The last of them, oldest first. */
  newest: Date[]
  count: number
  first: Date
  last: Date
  /** The one that comes after them; null when the calendar has no other. */
  next: Date | null
}

/** The fires that are due by now. `dueAt` is when the first of them was to start. */
export const dueFires = (task: Task, dueAt: Date, now: Date): DueFires => {
  const jitterMs = jitterOf(task)
  const until = new Date(now.getTime() - jitterMs)
  let first = new Date(dueAt.getTime() - jitterMs)
  if (task.restart !== 'never' && !isSlot(task, first)) {
    // Not a fire of the calendar but a start after its program ended.
    const next = nextSlot(task, first)
    if (!next || next > until) return { newest: [dueAt], count: 1, first: dueAt, last: dueAt, next }
    first = next
  }
  const { newest, count } = slotsUntil(task, first, until, CATCH_UP_MAX + 1)
  const last = newest.at(-1) ?? first
  return { newest, count, first, last, next: nextSlot(task, last) }
}

const isSlot = (task: Task, at: Date): boolean =>
  nextSlot(task, new Date(at.getTime() - 1))?.getTime() === at.getTime()

export type Plan = {
  /** Slots to run, oldest first. */
  run: { slot: Date; trigger: 'schedule' | 'catch_up' }[]
  /** Fires that are not made up for, told as one. */
  missed: Fires | null
}

/** What becomes of the fires that are due. */
export const planFires = (
  task: Pick<Task, 'id' | 'jitterMs' | 'cron' | 'catchUp'>,
  { newest, count, first, next }: Pick<DueFires, 'newest' | 'count' | 'first' | 'next'>,
  now: Date,
): Plan => {
  const lateMs = (slot: Date) => now.getTime() - dueOf(task, slot).getTime()
  const last = newest.at(-1) ?? first
  const runCount =
    task.catchUp === 'all'
      ? CATCH_UP_MAX
      : lateMs(last) <= (task.catchUp === 'skip' ? ON_TIME_MS : windowMs(last, next))
        ? 1
        : 0
  const slots = runCount === 0 ? [] : newest.slice(-runCount)
  const run = slots.map((slot): Plan['run'][number] => ({
    slot,
    trigger: lateMs(slot) > ON_TIME_MS ? 'catch_up' : 'schedule',
  }))
  const missedCount = count - run.length
  if (missedCount === 0) return { run, missed: null }
  const lastMissed = newest.at(-1 - run.length) ?? first
  return { run, missed: { count: missedCount, first, last: lastMissed } }
}

/** How late the newest fire may still be made up for: half its period, within reason. */
export const windowMs = (last: Date, next: Date | null): number => {
  const periodMs = next ? next.getTime() - last.getTime() : WINDOW_MAX_MS * 2
  return Math.min(WINDOW_MAX_MS, Math.max(WINDOW_MIN_MS, periodMs / 2))
}

/** Whether a fire that waited to be made up for has waited too long. */
export const isTooLate = (
  task: Pick<Task, 'id' | 'jitterMs' | 'cron' | 'timezone' | 'catchUp'>,
  slot: Date,
  now: Date,
): boolean =>
  task.catchUp !== 'all' &&
  task.cron !== '' &&
  now.getTime() - dueOf(task, slot).getTime() > windowMs(slot, nextSlot(task, slot))
