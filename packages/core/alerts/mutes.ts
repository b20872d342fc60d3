import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Alert, isUrgent } from './alert.ts'

/** What a person does not want to hear until a moment. Nothing is lost: it waits, and is told then. */
export type Mute = {
  id: number
  /** One trouble, urgent or not; null: all that is not urgent. */
  fingerprint: string | null
  until: string
  reason: string | null
  by: string
  createdAt: string
  /** Set when it was ended before its time. */
  endedAt: string | null
}

export type NewMute = { fingerprint?: string | null; until: Date; reason?: string; by: string }

const LONGEST_MS = 366 * 86_400_000
const LISTED_MAX = 200

export const createMutes = (db: Database, clock: Clock) => ({
  /** Another mute of the same gives way to this one. Throws `invalid` for an end that is past or too far. */
  mute: ({ fingerprint = null, until, reason, by }: NewMute): Promise<Mute> =>
    db.transaction(async (tx) => {
      const now = clock.now()
      if (until <= now)
        throw new AppError('invalid', `Expected an end that is to come, got ${isoTime(until)}`)
      if (until.getTime() - now.getTime() > LONGEST_MS)
        throw new AppError(
          'invalid',
          'Expected an end within a year: what is muted is easily forgotten',
        )
      await lockName(tx, `mute:${fingerprint ?? ''}`)
      await tx.kysely
        .updateTable('mutes')
        .set({ ended_at: isoTime(now), ended_by: by })
        .where('ended_at', 'is', null)
        .where('fingerprint', fingerprint === null ? 'is' : '=', fingerprint)
        .execute()
      const row = await tx.kysely
        .insertInto('mutes')
        .values({
          fingerprint,
          until: isoTime(until),
          reason: reason ?? null,
          by,
          created_at: isoTime(now),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return toMute(row)
    }),

  /** Before its time. What it held back is told at once. Throws `not_found` when it is over already. */
  async end(id: number, by: string): Promise<Mute> {
    const row = await db.kysely
      .updateTable('mutes')
      .set({ ended_at: isoTime(clock.now()), ended_by: by })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where('until', '>', isoTime(clock.now()))
      .returningAll()
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `There is no mute ${id} in force`)
    return toMute(row)
  },

  /** Those in force, the first to end first. */
  async inForce(): Promise<Mute[]> {
    const rows = await db.kysely
      .selectFrom('mutes')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('until', '>', isoTime(clock.now()))
      .orderBy('until')
      .limit(LISTED_MAX)
      .execute()
    return rows.map(toMute)
  },

  /** Those that were over before then. Returns how many went. */
  async forget(before: Date): Promise<number> {
    const gone = await db.kysely
      .deleteFrom('mutes')
      .where((eb) =>
        eb.or([eb('until', '<', isoTime(before)), eb('ended_at', '<', isoTime(before))]),
      )
      .executeTakeFirst()
    return Number(gone.numDeletedRows)
  },
})

export type Mutes = ReturnType<typeof createMutes>

/** The mute that holds an alert back the longest; null when none does. */
export const muteOf = (
  alert: Pick<Alert, 'fingerprint' | 'severity' | 'kind'>,
  mutes: readonly Mute[],
): Mute | null =>
  mutes.findLast((mute) =>
    mute.fingerprint === null ? !isUrgent(alert) : mute.fingerprint === alert.fingerprint,
  ) ?? null

const toMute = (row: {
  id: number
  fingerprint: string | null
  until: string
  reason: string | null
  by: string
  created_at: string
  ended_at: string | null
}): Mute => ({
  id: row.id,
  fingerprint: row.fingerprint,
  until: row.until,
  reason: row.reason,
  by: row.by,
  createdAt: row.created_at,
  endedAt: row.ended_at,
})
