import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'

/**
 * What a person set at run time, as JSON by name. It wins over the environment's first value.
 * Names in use: `switch.chat`, `switch.scheduler`, `switch.pickup`, `switch.autonomy`,
 * `luci.profile`, `luci.wanted` (running or stopped), `paused` (all tasks).
 */
export const createSettings = (db: Database, clock: Clock) => ({
  /** Null when nobody set it. */
  async get<T>(name: string): Promise<{ value: T; setBy: string; setAt: string } | null> {
    const row = await db.kysely
      .selectFrom('settings')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
    return row ? { value: JSON.parse(row.value) as T, setBy: row.set_by, setAt: row.set_at } : null
  },

  async set(name: string, value: unknown, by: string): Promise<void> {
    const row = { value: JSON.stringify(value), set_by: by, set_at: isoTime(clock.now()) }
    await db.kysely
      .insertInto('settings')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute()
  },

  /** Back to the environment's value. False: nobody had set it. */
  async unset(name: string): Promise<boolean> {
    const gone = await db.kysely.deleteFrom('settings').where('name', '=', name).executeTakeFirst()
    return gone.numDeletedRows > 0n
  },
})

export type Settings = ReturnType<typeof createSettings>
