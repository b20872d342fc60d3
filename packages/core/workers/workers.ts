import { hostname } from 'node:os'
import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { randomHex } from '../ids.ts'

export type WorkerName = 'api' | 'scheduler' | 'pickup'
export const workerNames: readonly WorkerName[] = ['api', 'scheduler', 'pickup']

export type Worker = {
  id: string
  name: WorkerName
  pid: number
  host: string
  startedAt: string
  beatAt: string
  doing: string
  stoppedAt: string | null
}

/** alive: beats. stale: ought to beat and does not. stopped: said goodbye. absent: never seen. */
export type WorkerHealth = {
  name: WorkerName
  state: 'alive' | 'stale' | 'stopped' | 'absent'
  worker: Worker | null
}

export const BEAT_MS = 5_000
/** Three beats missed and some slack for a loaded machine. */
export const STALE_AFTER_MS = 20_000

/** The three processes' heartbeats: how each knows that the others live. */
export const createWorkers = (db: Database, clock: Clock) => ({
  /** Says hello. Call `beat` every BEAT_MS, `goodbye` at the end. */
  async hello(
    name: WorkerName,
  ): Promise<{ id: string; beat(doing: string): Promise<void>; goodbye(): Promise<void> }> {
    const at = isoTime(clock.now())
    const id = `${name}-${randomHex(4)}`
    await db.kysely
      .insertInto('workers')
      .values({
        id,
        name,
        pid: process.pid,
        host: hostname(),
        started_at: at,
        beat_at: at,
        doing: 'starting',
      })
      .execute()
    return {
      id,
      beat: async (doing) => {
        await db.kysely
          .updateTable('workers')
          .set({ beat_at: isoTime(clock.now()), doing })
          .where('id', '=', id)
          .execute()
      },
      goodbye: async () => {
        await db.kysely
          .updateTable('workers')
          .set({ stopped_at: isoTime(clock.now()) })
          .where('id', '=', id)
          .execute()
      },
    }
  },

  /** The newest of each name, judged by its last beat. */
  async health(): Promise<WorkerHealth[]> {
    const rows = await db.kysely
      .selectFrom('workers')
      .selectAll()
      .orderBy('beat_at', 'desc')
      .limit(100)
      .execute()
    const staleBefore = isoTime(new Date(clock.now().getTime() - STALE_AFTER_MS))
    return workerNames.map((name) => {
      const row = rows.find((candidate) => candidate.name === name)
      if (!row) return { name, state: 'absent', worker: null }
      const worker: Worker = {
        id: row.id,
        name,
        pid: row.pid,
        host: row.host,
        startedAt: row.started_at,
        beatAt: row.beat_at,
        doing: row.doing,
        stoppedAt: row.stopped_at,
      }
      const state = row.stopped_at ? 'stopped' : row.beat_at < staleBefore ? 'stale' : 'alive'
      return { name, state, worker }
    })
  },

  /** Rows of processes long gone are dropped, but for the newest of each name. Returns how many. */
  async forget(before: Date): Promise<number> {
    const result = await db.kysely
      .deleteFrom('workers')
      .where('beat_at', '<', isoTime(before))
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('workers as newer')
            .select('newer.id')
            .whereRef('newer.name', '=', 'workers.name')
            .whereRef('newer.beat_at', '>', 'workers.beat_at'),
        ),
      )
      .executeTakeFirst()
    return Number(result.numDeletedRows)
  },
})

export type Workers = ReturnType<typeof createWorkers>
