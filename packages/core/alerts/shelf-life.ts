import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { noteOn } from './events.ts'
import { urgent } from './waiting.ts'

/** An alert nobody could be told for so long is no news any more, unless it is urgent. */
const LIVES_FOR_MS = 24 * 3_600_000

/** What time alone does with alerts that were not told. */
export const createShelfLife = (db: Database, clock: Clock) => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))

  return {
    /** The channel works (again): what came due within the last day, or is urgent, gets its turn. */
    async takeUp(): Promise<void> {
      await db.kysely
        .updateTable('alerts')
        .set({ state: 'queued', last_error: null, held: 'outage' })
        .where('state', '=', 'undelivered')
        .where(sql<boolean>`(due_at > ${at(-LIVES_FOR_MS)} or ${urgent})`)
        .execute()
    },

    /**
     * Snoozed alerts whose time is over wake; what is not urgent and
     * nobody could be told for a day expires.
     */
    async tidy(): Promise<void> {
      const now = at()
      if (await anyOf(db, 'snoozed', 'snoozed_until', now)) {
        const woken = await db.kysely
          .updateTable('alerts')
          .set({ state: 'queued', due_at: now, snoozed_until: null })
          .where('state', '=', 'snoozed')
          .where('snoozed_until', '<=', now)
          .returning('id')
          .execute()
        await noteOn(
          db,
          clock,
          woken.map((row) => row.id),
          { kind: 'woke' },
        )
      }
      const old = at(-LIVES_FOR_MS)
      if (await anyOf(db, 'queued', 'due_at', old)) {
        const reason = 'Could not be delivered within a day'
        const expired = await db.kysely
          .updateTable('alerts')
          .set({
            state: sql<string>`case kind when 'recovered' then 'resolved' else 'expired' end`,
            resolved_at: sql<string | null>`case kind when 'recovered' then ${now} end`,
            last_error: reason,
            held: null,
          })
          .where('state', '=', 'queued')
          .where('due_at', '<=', old)
          .where(sql<boolean>`not ${urgent}`)
          .returning('id')
          .execute()
        await noteOn(
          db,
          clock,
          expired.map((row) => row.id),
          { kind: 'expired', detail: reason },
        )
      }
    },
  }
}

const anyOf = async (
  db: Database,
  state: string,
  column: 'snoozed_until' | 'due_at',
  until: string,
): Promise<boolean> => {
  const row = await db.kysely
    .selectFrom('alerts')
    .select('id')
    .where('state', '=', state)
    .where(column, '<=', until)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
