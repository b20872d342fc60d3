/// <reference lib="esnext.temporal" />
import { createMutes } from '@mc/core/alerts/mutes.ts'
import { momentOf, type QuietHours, quietUntil } from '@mc/core/alerts/quiet-hours.ts'
import { readQuietSetting } from '@mc/core/alerts/quiet-setting.ts'
import type { Clock } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import type { Database } from '@mc/db/database.ts'
import { zone } from '../frame/format.ts'

export type Quiet = {
  /** Until when a person muted what is not urgent; null when nobody did. */
  muted: Date | null
  /** Until when quiet hours last; null outside of them. */
  hours: Date | null
  /** Whose clocks a person means: of the quiet hours when there are any, else of this machine. */
  zone: string
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
    zone: setting.hours?.zone ?? zone(),
  }
}

/** When "tomorrow" begins for who is told of alerts. */
const MORNING = '08:00'

export const tomorrowMorning = (now: Date, zone: string): Date =>
  new Date(momentOf(dayIn(now, zone).add({ days: 1 }), MORNING, zone))

/**
 * How long to be quiet, from `2h`, `until 07:00` or `tomorrow`, on the clocks of that zone. `off`
 * ends it; null when it is none of them.
 */
export const readMute = (text: string, now: Date, zone: string): Date | 'off' | null => {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^(?:for|until)\s+/, '')
  if (words === 'off' || words === 'end') return 'off'
  if (words === 'tomorrow') return tomorrowMorning(now, zone)
  const time = /^(\d{1,2})[:.](\d\d)$/.exec(words)
  if (time) {
    const [hour = '', minute = ''] = time.slice(1)
    if (Number(hour) > 23 || Number(minute) > 59) return null
    const at = `${hour.padStart(2, '0')}:${minute}`
    const today = dayIn(now, zone)
    const moment = momentOf(today, at, zone)
    return new Date(moment > now.getTime() ? moment : momentOf(today.add({ days: 1 }), at, zone))
  }
  // A number alone may be hours or minutes: it is asked for.
  const ms = /\d\s*[mhd]$/.test(words) ? parseDuration(words) : null
  return ms === null || ms < 60_000 ? null : new Date(now.getTime() + ms)
}

const dayIn = (now: Date, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate()

/** `Mon 2 Mar, 10:00` on the clocks of that zone. */
export const momentWords = (at: Date, zone: string): string =>
  at.toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  })
