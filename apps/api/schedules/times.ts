import { parseTime } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'

/**
 * An ISO time, or what a browser's date or datetime field gives (this machine's time zone).
 * Null when nothing was given.
 */
export const readTime = (
  text: string | undefined,
  expected = 'a time such as 2026-03-02T18:00:00Z',
): Date | null => {
  if (text === undefined || text === '') return null
  // A date by itself is midnight here, not in UTC as JavaScript has it.
  const date = parseTime(text) ?? new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text)
  if (Number.isNaN(date.getTime()))
    throw new AppError('invalid', `Expected ${expected}, got "${text}"`)
  return date
}

/** What the reader of either takes. */
export const TIME_OR_SPAN = 'a duration such as 4h or a time such as 2026-03-02T18:00:00Z'

/** Likewise, or how long from now: `2h`, `30m`. It must be to come. */
export const readEnd = (text: string | undefined, now: Date): Date | null => {
  const ms = text !== undefined && /[a-z]$/.test(text) ? parseDuration(text) : null
  const end = ms === null ? readTime(text, TIME_OR_SPAN) : new Date(now.getTime() + ms)
  if (end && end <= now)
    throw new AppError('invalid', `Expected an end that is to come, got "${text}"`)
  return end
}
