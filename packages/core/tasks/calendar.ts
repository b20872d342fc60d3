import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import type { Task } from './task.ts'

/**
 * croner as a calendar only; its own timer fires in a tight loop in the hour that clocks repeat.
 * Daylight saving as Debian's cron has it: a fixed time in the gap runs once, right after it; in
 * the overlap, the first time only; a wildcard minute or hour follows real time.
 */
const calendars = new Map<string, Cron>()

const calendarOf = (cron: string, timezone: string): Cron => {
  const key = `${timezone} ${cron}`
  let calendar = calendars.get(key)
  if (!calendar) {
    calendar = new Cron(cron, {
      timezone,
      paused: true,
      mode: '5-or-6-parts',
      fixedTimeRule: 'no-wildcard',
    })
    if (calendars.size > 20_000) calendars.clear()
    calendars.set(key, calendar)
  }
  return calendar
}

/** What is wrong with a cron expression, in words; null when it is good. */
export const cronProblem = (cron: string): string | null => {
  try {
    return nextSlot({ cron, timezone: 'UTC' }, new Date('2000-01-01T00:00:00Z'))
      ? null
      : 'it never comes'
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '')
  }
}

export const isTimezone = (timezone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The first fire after `after`; null when the calendar has none. Throws for a bad expression. */
export const nextSlot = (task: Pick<Task, 'cron' | 'timezone'>, after: Date): Date | null => {
  const next = calendarOf(task.cron, task.timezone).nextRun(after)
  if (next && next <= after)
    throw new Error(
      `The calendar of "${task.cron}" (${task.timezone}) gave ${next.toISOString()}, which is not after ${after.toISOString()}`,
    )
  return next
}

/** Fires from `first` (itself one) to `until`: the newest `keepMax` of them, and how many in all. */
export const slotsUntil = (
  task: Pick<Task, 'cron' | 'timezone'>,
  first: Date,
  until: Date,
  keepMax: number,
): { newest: Date[]; count: number } => {
  const newest: Date[] = []
  let count = 0
  for (let slot: Date | null = first; slot && slot <= until; slot = nextSlot(task, slot)) {
    count++
    newest.push(slot)
    if (newest.length > keepMax) newest.shift()
    // A year of missed seconds is not counted one by one; from here the number is a lower bound.
    if (count >= SLOTS_COUNTED_MAX) {
      const recent = calendarOf(task.cron, task.timezone).previousRuns(keepMax, until)
      return { newest: recent.reverse(), count }
    }
  }
  return { newest, count }
}

const SLOTS_COUNTED_MAX = 100_000

/** How long after its slot the task starts: always the same for the same id. */
export const jitterOf = (task: Pick<Task, 'id' | 'jitterMs'>): number =>
  task.jitterMs === 0
    ? 0
    : createHash('sha256').update(task.id).digest().readUInt32BE(0) % task.jitterMs

/** When the fire of `slot` is due. */
export const dueOf = (task: Pick<Task, 'id' | 'jitterMs'>, slot: Date): Date =>
  new Date(slot.getTime() + jitterOf(task))
