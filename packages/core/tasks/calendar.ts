import { createHash } from 'node:crypto'
import { Cron, CronPattern } from 'croner'
import type { Task } from './task.ts'
import { type Stretch, stretchAt } from './zone.ts'

/**
 * croner as a calendar only, and of a clock that never changes: it says which local times a cron
 * expression means. When they are in a zone is decided here, as Debian's cron does it:
 *
 * - a minute or hour that begins with `*` follows real time: what the clocks leave out does not
 *   come, what they repeat comes twice;
 * - a fixed time that the clocks leave out comes once, at the moment of the change; one that they
 *   repeat comes the first time only;
 * - a change of three hours or more is a correction: the new time counts at once.
 *
 * Nothing else of croner is used: its own timer fires in a tight loop in the hour that is repeated.
 */
type Calendar = { fixed: boolean; next(local: number): number | null }

type Times = Pick<Task, 'cron' | 'timezone'>

const calendars = new Map<string, Calendar>()

const CORRECTION_MS = 3 * 3_600_000
/** croner keeps 10,000 years for each of them: 80 kB. */
const CALENDARS_KEPT = 100

const calendarOf = (cron: string): Calendar => {
  const found = calendars.get(cron)
  if (found) return found
  const pattern = new Cron(cron, { utcOffset: 0, paused: true, mode: '5-or-6-parts' })
  const calendar: Calendar = {
    fixed: isFixedTime(cron),
    next: (local) => pattern.nextRun(new Date(local))?.getTime() ?? null,
  }
  const [oldest] = calendars.keys()
  if (calendars.size >= CALENDARS_KEPT && oldest !== undefined) calendars.delete(oldest)
  calendars.set(cron, calendar)
  return calendar
}

/** Whether it means times of the day; else it follows real time, minute by minute or hour by hour. */
export const isFixedTime = (cron: string): boolean => {
  const fields = cron.trim().split(/\s+/)
  if (fields.length === 1) return cron.trim().toLowerCase() !== '@hourly'
  const [minute = '*', hour = '*'] = fields.length === 6 ? fields.slice(1) : fields
  return !/^[*?]/.test(minute) && !/^[*?]/.test(hour)
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
export const nextSlot = (task: Times, after: Date): Date | null => {
  const next = nextMoment(task, after.getTime())
  if (next !== null && next <= after.getTime())
    throw new Error(
      `The calendar of "${task.cron}" (${task.timezone}) gave ${new Date(next).toISOString()}, which is not after ${after.toISOString()}`,
    )
  return next === null ? null : new Date(next)
}

const nextMoment = ({ cron, timezone }: Times, after: number): number | null => {
  const calendar = calendarOf(cron)
  let stretch = stretchAt(timezone, after)
  let from = after + stretch.offsetMs
  for (;;) {
    // A fixed time that the clocks repeat has come already.
    const local = calendar.next(calendar.fixed ? Math.max(from, repeatedUntil(stretch) - 1) : from)
    if (local === null) return null
    const at = local - stretch.offsetMs
    if (at < stretch.until) return at
    const next = stretchAt(timezone, stretch.until)
    const leapMs = next.offsetMs - stretch.offsetMs
    const isLeftOut = leapMs > 0 && local <= stretch.until + next.offsetMs
    if (calendar.fixed && isLeftOut && leapMs < CORRECTION_MS) return stretch.until
    from = stretch.until + next.offsetMs - 1
    stretch = next
  }
}

/** Local times of a stretch before this were there already, before the clocks went back. */
const repeatedUntil = ({ from, offsetMs, offsetBeforeMs }: Stretch): number => {
  if (offsetBeforeMs === null) return Number.NEGATIVE_INFINITY
  const backMs = offsetBeforeMs - offsetMs
  return backMs > 0 && backMs < CORRECTION_MS ? from + offsetBeforeMs : Number.NEGATIVE_INFINITY
}

/** Fires from `first` (itself one) to `until`: the newest `keepMax` of them, and how many in all. */
export const slotsUntil = (
  task: Times,
  first: Date,
  until: Date,
  keepMax: number,
): { newest: Date[]; count: number } => {
  const few = slotsFrom(task, first, until, WALKED_MAX + 1)
  if (few.length <= WALKED_MAX) return { newest: few.slice(-keepMax), count: few.length }
  return { newest: newestSlots(task, first, until, keepMax), count: countSlots(task, first, until) }
}

const WALKED_MAX = 100

const slotsFrom = (task: Times, first: Date, until: Date, countMax: number): Date[] => {
  const slots: Date[] = []
  for (let slot: Date | null = first; slot && slot <= until; slot = nextSlot(task, slot)) {
    slots.push(slot)
    if (slots.length === countMax) break
  }
  return slots
}

/** Looks back from the end, twice as far each time. */
const newestSlots = (task: Times, first: Date, until: Date, keepMax: number): Date[] => {
  for (let backMs = 1_000; ; backMs *= 2) {
    const from = Math.max(first.getTime(), until.getTime() - backMs)
    const start = nextSlot(task, new Date(from - 1))
    const found = start ? slotsFrom(task, start, until, Number.POSITIVE_INFINITY) : []
    if (found.length >= keepMax || from === first.getTime()) return found.slice(-keepMax)
  }
}

/**
 * Counts without walking through each of them: a day, hour or minute without a change of the clocks
 * has as many as any other that has one at all. So a year of missed seconds is counted exactly, and
 * in no time.
 */
const countSlots = (task: Times, first: Date, until: Date): number => {
  const { second, minute, hour } = new CronPattern(task.cron, undefined, { mode: '5-or-6-parts' })
  const [seconds = 0, minutes = 0, hours = 0] = [second, minute, hour].map(
    (part) => part.filter((bit) => bit).length,
  )
  const units = [
    { ms: 86_400_000, slots: seconds * minutes * hours },
    { ms: 3_600_000, slots: seconds * minutes },
    { ms: 60_000, slots: seconds },
  ]
  const end = until.getTime()
  let count = 0
  for (let at: number | null = first.getTime(); at !== null && at <= end; ) {
    const stretch = stretchAt(task.timezone, at)
    let after = at
    let slots = 1
    for (const unit of units) {
      const start = at - modulo(at + stretch.offsetMs, unit.ms)
      const whole = start > stretch.from && start + unit.ms <= Math.min(stretch.until, end + 1)
      if (!whole || nextMoment(task, start - 1) !== at) continue
      after = start + unit.ms - 1
      slots = unit.slots
      break
    }
    count += slots
    at = nextMoment(task, after)
  }
  return count
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by

/**
 * How long after its slot the task starts: always the same for the same id. A fixed time is meant
 * as it is written: it has none.
 */
export const jitterOf = (task: Pick<Task, 'id' | 'jitterMs' | 'cron'>): number =>
  task.jitterMs === 0 || task.cron === '' || isFixedTime(task.cron)
    ? 0
    : createHash('sha256').update(task.id).digest().readUInt32BE(0) % task.jitterMs

/** When the fire of `slot` is due. */
export const dueOf = (task: Pick<Task, 'id' | 'jitterMs' | 'cron'>, slot: Date): Date =>
  new Date(slot.getTime() + jitterOf(task))
