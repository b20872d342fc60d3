/**
 * Debian's cron, walked step by step: what the calendar is judged by. It shares nothing with it: it
 * reads the expression itself, takes local time from Intl, and moves a virtual clock after it as
 * cron(8) says: changes of less than three hours are daylight saving, others are corrections.
 */
export type Steps = { at: number[]; local: number[]; stepMs: number }

export type Pattern = {
  matches(local: number): boolean
  wild: boolean
}

const CORRECTION_MS = 3 * 3_600_000

/** Each step of a zone's clock from `from` to `to` (ms since 1970, whole steps). */
export const stepsOf = (timezone: string, from: number, to: number, stepMs: number): Steps => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const steps: Steps = { at: [], local: [], stepMs }
  for (let at = from; at <= to; at += stepMs) {
    const [month, day, year, hour, minute, second] = (format.format(at).match(/\d+/g) ?? []).map(
      Number,
    ) as [number, number, number, number, number, number]
    steps.at.push(at)
    steps.local.push(Date.UTC(year, month - 1, day, hour, minute, second))
  }
  return steps
}

/** When Debian's cron would start it, within the steps; the first step only sets its clock. */
export const walk = ({ at, local, stepMs }: Steps, pattern: Pattern): number[] => {
  const fires: number[] = []
  let virtual = local[0] as number
  for (let n = 1; n < at.length; n++) {
    const now = local[n] as number
    const leapMs = now - virtual - stepMs
    if (leapMs === 0 || Math.abs(leapMs) >= CORRECTION_MS) {
      if (pattern.matches(now)) fires.push(at[n] as number)
      virtual = now
    } else if (leapMs > 0) {
      let due = pattern.wild && pattern.matches(now)
      for (; virtual < now; virtual += stepMs)
        if (!pattern.wild && pattern.matches(virtual + stepMs)) due = true
      if (due) fires.push(at[n] as number)
    } else if (pattern.wild && pattern.matches(now)) fires.push(at[n] as number)
  }
  return fires
}

/** Five fields, or six with seconds first: numbers, `*`, ranges, lists and steps. */
export const readPattern = (cron: string): Pattern => {
  const fields = cron.split(' ')
  if (fields.length === 5) fields.unshift('0')
  const [second, minute, hour, day, month, weekday] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const seconds = numbers(second, 0, 59)
  const minutes = numbers(minute, 0, 59)
  const hours = numbers(hour, 0, 23)
  const days = numbers(day, 1, 31)
  const months = numbers(month, 1, 12)
  const weekdays = numbers(weekday, 0, 7)
  if (weekdays.has(7)) weekdays.add(0)
  return {
    wild: minute.startsWith('*') || hour.startsWith('*'),
    matches: (local) => {
      const date = new Date(local)
      if (!seconds.has(date.getUTCSeconds()) || !minutes.has(date.getUTCMinutes())) return false
      if (!hours.has(date.getUTCHours()) || !months.has(date.getUTCMonth() + 1)) return false
      const isDay = days.has(date.getUTCDate())
      const isWeekday = weekdays.has(date.getUTCDay())
      // Either is enough, unless one of them says nothing at all.
      return day === '*' || weekday === '*' ? isDay && isWeekday : isDay || isWeekday
    },
  }
}

const numbers = (field: string, min: number, max: number): Set<number> => {
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [low, high = low] = range === '*' ? [min, max] : range.split('-').map(Number)
    for (let n = low as number; n <= (high as number); n += Number(step)) found.add(n)
  }
  return found
}
