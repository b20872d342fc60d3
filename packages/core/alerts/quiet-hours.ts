/// <reference lib="esnext.temporal" />
import { isTimezone } from '../tasks/calendar.ts'

/** Hours in which only the urgent is told. `from` = `to` means the whole day. */
export type QuietHours = {
  /** `HH:MM` on the clocks of `zone`. */
  from: string
  to: string
  zone: string
  /** Days on which the hours begin, 1 Monday to 7 Sunday, in order. */
  days: number[]
}

export const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const everyDay = [1, 2, 3, 4, 5, 6, 7]

export const QUIET_HOURS_EXPECTED =
  'quiet hours such as "22:00-07:00", "22:00-07:00 Europe/Berlin" or "20:00-08:00 Europe/Berlin mon-fri,sun"'

/**
 * `22:00-07:00`, then in any order a time zone and the days on which they begin (`mon-fri`,
 * `sat,sun`). Null when it is none.
 */
export const parseQuietHours = (text: string, zoneHere: string): QuietHours | null => {
  const [span = '', ...rest] = text.trim().split(/\s+/)
  const times = /^(\d{1,2}:\d\d)[-–](\d{1,2}:\d\d)$/.exec(span)
  const from = clockTime(times?.[1])
  const to = clockTime(times?.[2])
  if (from === null || to === null || rest.length > 2) return null
  const found = { zone: null as string | null, days: null as number[] | null }
  for (const word of rest) {
    const days = parseDays(word)
    if (days && found.days === null) found.days = days
    else if (!days && found.zone === null && isTimezone(word)) found.zone = word
    else return null
  }
  return { from, to, zone: found.zone ?? zoneHere, days: found.days ?? everyDay }
}

const clockTime = (text: string | undefined): string | null => {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text ?? '')
  if (!match) return null
  const [hour, minute] = [Number(match[1]), Number(match[2])]
  // 24:00 is midnight as people write the end of a day.
  if (hour === 24 && minute === 0) return '00:00'
  return hour < 24 && minute < 60 ? `${String(hour).padStart(2, '0')}:${match[2]}` : null
}

/** Days by name, with `-` and `,`; null when it is none of them. */
export const parseDays = (text: string): number[] | null => {
  const days = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first, more] = part.split('-')
    const [from, to] = [dayOf(first), dayOf(last)]
    if (from === 0 || to === 0 || more !== undefined) return null
    for (let day = from; ; day = (day % 7) + 1) {
      days.add(day)
      if (day === to) break
    }
  }
  return [...days].sort()
}

const dayOf = (name: string): number => (dayNames as readonly string[]).indexOf(name) + 1

/** As MC_QUIET_HOURS takes it: `22:00-07:00 Europe/Berlin mon,tue`. */
export const quietHoursText = ({ from, to, zone, days }: QuietHours): string =>
  `${from}-${to} ${zone}${days.length === 7 ? '' : ` ${days.map((day) => dayNames[day - 1]).join(',')}`}`

/**
 * The moment at which the quiet that reigns `now` ends; null when there is none. Days follow each
 * other without a gap when the hours do (two whole days are one quiet). A time that the clocks
 * leave out is the moment after it, one they repeat the first: as the calendar of tasks has it.
 */
export const quietUntil = (hours: QuietHours, now: Date): Date | null => {
  let until: number | null = null
  for (;;) {
    const end = endOfQuietAt(hours, until ?? now.getTime())
    if (end === null) return until === null ? null : new Date(until)
    until = end
    // A whole week of whole days never ends; it is looked at again then.
    if (until - now.getTime() > 8 * 86_400_000) return new Date(until)
  }
}

const endOfQuietAt = ({ from, to, zone, days }: QuietHours, at: number): number | null => {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate()
  for (const day of [today.subtract({ days: 1 }), today]) {
    if (!days.includes(day.dayOfWeek)) continue
    const start = momentOf(day, from, zone)
    const end = momentOf(to <= from ? day.add({ days: 1 }) : day, to, zone)
    if (start <= at && at < end) return end
  }
  return null
}

/** The moment (ms) of `HH:MM` on a day of that zone's clocks. */
export const momentOf = (day: Temporal.PlainDate, time: string, zone: string): number =>
  day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) })
    .epochMilliseconds
