import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { ActionClass } from './classes.ts'

/** unlocked and advised by a person, locked by corrections; cap: the day's number was changed. */
export type AutonomyEventKind = 'unlocked' | 'advised' | 'locked' | 'cap' | 'paused' | 'resumed'

export type AutonomyEvent = {
  id: number
  at: string
  /** Null: all of them. */
  class: ActionClass | null
  kind: AutonomyEventKind
  by: string
  reason: string | null
}

/** What was unlocked, locked, paused and resumed, when, by whom and why; only added to. */
export const createAutonomyHistory = (db: Database, clock: Clock) => ({
  async note(event: Omit<AutonomyEvent, 'id' | 'at'>): Promise<AutonomyEvent> {
    const row = await db.kysely
      .insertInto('autonomy_events')
      .values({ ...event, at: isoTime(clock.now()) })
      .returningAll()
      .executeTakeFirstOrThrow()
    return toEvent(row)
  },

  /** Newest first. */
  async list(limit = 20): Promise<AutonomyEvent[]> {
    const rows = await db.kysely
      .selectFrom('autonomy_events')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toEvent)
  },
})

export type AutonomyHistory = ReturnType<typeof createAutonomyHistory>

type Row = {
  id: number
  at: string
  class: string | null
  kind: string
  by: string
  reason: string | null
}

const toEvent = (row: Row): AutonomyEvent => ({
  ...row,
  id: Number(row.id),
  class: row.class as ActionClass | null,
  kind: row.kind as AutonomyEventKind,
})
