const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * A cron expression in words where that is plain to say; else the expression itself, which never
 * lies. `every 5 minutes`, `daily at 03:30`, `Monday to Friday at 09:00`.
 */
export const cronWords = (cron: string): string => {
  const fields = cron.trim().split(/\s+/)
  const [second, minute, hour, day, month, weekday] =
    fields.length === 6 ? fields : ['0', ...fields]
  if (second === undefined || minute === undefined || hour === undefined) return cron
  if (month !== '*') return cron
  const everySecond = everyN(second)
  const everyDay = day === '*' && weekday === '*'
  if (everyDay && minute === '*' && hour === '*' && everySecond !== null)
    return everySecond === 1 ? 'every second' : `every ${everySecond} seconds`
  if (!isNumber(second)) return cron
  const everyMinute = everyN(minute)
  if (everyDay && hour === '*' && everyMinute !== null)
    return everyMinute === 1 ? 'every minute' : `every ${everyMinute} minutes`
  const shifted = /^(\d+)-59\/(\d+)$/.exec(minute)
  if (everyDay && hour === '*' && shifted)
    return `every ${shifted[2]} minutes from :${two(shifted[1] ?? '')}`
  if (!isNumber(minute)) return cron
  const everyHour = everyN(hour)
  if (everyDay && everyHour !== null)
    return `${everyHour === 1 ? 'every hour' : `every ${everyHour} hours`} at :${two(minute)}`
  if (!isNumber(hour)) return cron
  const at = `at ${two(hour)}:${two(minute)}`
  if (everyDay) return `daily ${at}`
  if (day === '*' && weekday !== undefined) {
    const words = weekdayWords(weekday)
    return words ? `${words} ${at}` : cron
  }
  if (weekday === '*' && isNumber(day)) return `on day ${day} of each month ${at}`
  return cron
}

const isNumber = (field: string | undefined): field is string => /^\d+$/.test(field ?? '')
const two = (field: string) => field.padStart(2, '0')

/** 1 for `*`, n for a step of n; null for anything else. */
const everyN = (field: string): number | null => {
  if (field === '*') return 1
  const step = /^\*\/(\d+)$/.exec(field)?.[1]
  return step ? Number(step) : null
}

const weekdayWords = (field: string): string | null => {
  const range = /^(\w+)-(\w+)$/.exec(field)
  if (range) {
    const [from, to] = [dayName(range[1] ?? ''), dayName(range[2] ?? '')]
    return from && to ? `${from} to ${to}` : null
  }
  const names = field.split(',').map(dayName)
  return names.every((name) => name !== null) ? names.join(', ') : null
}

const dayName = (text: string): string | null => {
  const index = /^\d$/.test(text) ? Number(text) % 7 : dayNames.indexOf(text.toLowerCase())
  return days[index] ?? null
}
