import { createMutes } from '@mc/core/alerts/mutes.ts'
import { type QuietHours, quietUntil } from '@mc/core/alerts/quiet-hours.ts'
import { readQuietSetting } from '@mc/core/alerts/quiet-setting.ts'
import type { Clock } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import type { Database } from '@mc/db/database.ts'

export type Quiet = {
  /** Until when a person muted what is not urgent; null when nobody did. */
  muted: Date | null
  /** Until when quiet hours last; null outside of them. */
  hours: Date | null
}

export const readQuiet = async (
  db: Database,
  clock: Clock,
  first: QuietHours | null,
): Promise<Quiet> => {
  const [mutes, setting] = await Promise.all([
    createMutes(db, clock).inForce(),
    readQuietSetting(createSettings(db, clock), first),
  ])
  const all = mutes.findLast((mute) => mute.fingerprint === null)
  return {
    muted: all ? new Date(all.until) : null,
    hours: setting.hours ? quietUntil(setting.hours, clock.now()) : null,
  }
}

/** When "tomorrow" begins for who is told of alerts. */
const MORNING_HOUR = 8

export const tomorrowMorning = (now: Date): Date => {
  const at = new Date(now)
  at.setDate(at.getDate() + 1)
  at.setHours(MORNING_HOUR, 0, 0, 0)
  return at
}

/**
 * How long to be quiet, from `2h`, `until 07:00` or `tomorrow`, on this machine's clock. `off` ends
 * it; null when it is none of them.
 */
export const readMute = (text: string, now: Date): Date | 'off' | null => {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^(?:for|until)\s+/, '')
  if (words === 'off' || words === 'end') return 'off'
  if (words === 'tomorrow') return tomorrowMorning(now)
  const time = /^(\d{1,2})[:.](\d\d)$/.exec(words)
  if (time) {
    const [hour, minute] = [Number(time[1]), Number(time[2])]
    if (hour > 23 || minute > 59) return null
    const at = new Date(now)
    at.setHours(hour, minute, 0, 0)
    if (at <= now) at.setDate(at.getDate() + 1)
    return at
  }
  // A number alone may be hours or minutes: it is asked for.
  const ms = /\d\s*[mhd]$/.test(words) ? parseDuration(words) : null
  return ms === null || ms < 60_000 ? null : new Date(now.getTime() + ms)
}
