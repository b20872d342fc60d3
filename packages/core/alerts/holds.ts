import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import { type Alert, type Hold, isUrgent, toAlert } from './alert.ts'
import { noteOn } from './events.ts'
import { createMutes, type Mute, muteOf } from './mutes.ts'
import { type QuietHours, quietUntil } from './quiet-hours.ts'
import { readQuietSetting } from './quiet-setting.ts'

/** What holds an alert back, and until when (ISO). */
export type Held = { by: Hold; until: string }

const LOOKED_AT_MAX = 1_000

/**
 * What holds an alert back now; null when nothing does. Quiet hours let the urgent through, and so
 * does a mute of everything; a mute of just this trouble does not. Of two the longer counts.
 */
export const holdOf = (
  alert: Pick<Alert, 'fingerprint' | 'severity' | 'kind'>,
  quietEnd: Date | null,
  mutes: readonly Mute[],
): Held | null => {
  const mute = muteOf(alert, mutes)
  const quiet = quietEnd && !isUrgent(alert) ? isoTime(quietEnd) : null
  if (mute && (quiet === null || mute.until >= quiet)) return { by: 'mute', until: mute.until }
  return quiet === null ? null : { by: 'quiet', until: quiet }
}

/**
 * Brings what waits in line with the quiet hours and mutes of this moment: what is held back is not
 * due before their end, and what is held no longer is due now. It keeps the mark of its hold, by
 * which what was held goes out as one summary.
 */
export const applyHolds = async (
  tx: Database,
  clock: Clock,
  firstQuiet: QuietHours | null,
): Promise<void> => {
  const now = isoTime(clock.now())
  const rows = await tx.kysely
    .selectFrom('alerts')
    .selectAll()
    .where('state', '=', 'queued')
    .where((eb) => eb.or([eb('due_at', '<=', now), eb('held', 'in', ['quiet', 'mute'])]))
    .orderBy('id')
    .limit(LOOKED_AT_MAX)
    .execute()
  if (rows.length === 0) return
  const { hours } = await readQuietSetting(createSettings(tx, clock), firstQuiet)
  const quietEnd = hours && quietUntil(hours, clock.now())
  const mutes = await createMutes(tx, clock).inForce()
  for (const alert of rows.map(toAlert)) {
    const hold = holdOf(alert, quietEnd, mutes)
    if (hold && (alert.held !== hold.by || alert.dueAt !== hold.until)) {
      await update(tx, alert.id, { held: hold.by, due_at: hold.until })
      if (alert.held !== hold.by)
        await noteOn(tx, clock, [alert.id], { kind: 'held', detail: `${hold.by} ${hold.until}` })
    } else if (!hold && isWaitingForEnd(alert, now))
      await update(tx, alert.id, { held: alert.held, due_at: now })
  }
}

const isWaitingForEnd = (alert: Alert, now: string): boolean =>
  (alert.held === 'quiet' || alert.held === 'mute') && alert.dueAt > now

const update = (tx: Database, id: number, set: { held: Hold | null; due_at: string }) =>
  tx.kysely
    .updateTable('alerts')
    .set(set)
    .where('id', '=', id)
    // What a person answered just now is held no more.
    .where('state', '=', 'queued')
    .execute()
