/** When the week is told, on this machine's clock. */
export type WeeklyReport = {
  /** 1 Monday to 7 Sunday. */
  day: number
  hour: number
  minute: number
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** `mon 08:00`; null when it is none. */
export const parseWeekly = (text: string): WeeklyReport | null => {
  const match = /^([a-z]{3})[a-z]*\s+([01]?\d|2[0-3]):([0-5]\d)$/i.exec(text.trim())
  const day = days.indexOf(match?.[1]?.toLowerCase() ?? '') + 1
  return match && day > 0 ? { day, hour: Number(match[2]), minute: Number(match[3]) } : null
}

type Read = {
  text(name: string): string | null
  refuse(name: string, expected: string): void
}

/** MC_WEEKLY_REPORT: off by default. */
export const readWeeklyReport = (read: Read): WeeklyReport | null => {
  const text = read.text('MC_WEEKLY_REPORT')
  if (text === null || text === 'off') return null
  const weekly = parseWeekly(text)
  if (!weekly) read.refuse('MC_WEEKLY_REPORT', 'a day and time such as "mon 08:00", or "off"')
  return weekly
}
