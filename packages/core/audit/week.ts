import { AppError } from '../errors.ts'
import { dayOf } from './tally.ts'

/** A week of this machine's calendar, Monday to Sunday, as ISO-8601 names it: `2026-W47`. */
export type Week = {
  name: string
  /** Monday 00:00. */
  from: Date
  /** The Monday after. */
  to: Date
  firstDay: string
  lastDay: string
}

export const weekOf = (at: Date): Week => {
  const monday = startOfWeek(at)
  const thursday = plusDays(monday, 3)
  // The week with the year's first Thursday is its first.
  const first = startOfWeek(new Date(thursday.getFullYear(), 0, 4))
  const number = Math.round((monday.getTime() - first.getTime()) / (7 * 86_400_000)) + 1
  return {
    name: `${thursday.getFullYear()}-W${String(number).padStart(2, '0')}`,
    from: monday,
    to: plusDays(monday, 7),
    firstDay: dayOf(monday),
    lastDay: dayOf(plusDays(monday, 6)),
  }
}

/** Throws `invalid` when it is no week. */
export const weekNamed = (name: string): Week => {
  const match = /^(\d{4})-W(\d\d)$/.exec(name)
  const [year, number] = [Number(match?.[1]), Number(match?.[2])]
  const week = match ? weekOf(plusDays(startOfWeek(new Date(year, 0, 4)), (number - 1) * 7)) : null
  if (week?.name !== name)
    throw new AppError('invalid', `Expected a week such as 2026-W47, got "${name.slice(0, 40)}"`)
  return week
}

export const weekBefore = (week: Week): Week => weekOf(plusDays(week.from, -7))
export const weekAfter = (week: Week): Week => weekOf(plusDays(week.from, 7))

const startOfWeek = (at: Date): Date =>
  new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7))

/** By the calendar: a day may have 23 or 25 hours. */
const plusDays = (at: Date, days: number): Date =>
  new Date(at.getFullYear(), at.getMonth(), at.getDate() + days)
