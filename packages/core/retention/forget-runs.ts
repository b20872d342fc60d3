import type { Database } from '@mc/db/database.ts'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { LogFile, RunLogs } from '../runs/run-logs.ts'
import { type Keep, NEWEST_KEPT } from './keep.ts'
import { lastButNewest, unneeded } from './unneeded.ts'

/** So many at a time, that nobody waits for the database. */
const BATCH = 500
/** A log whose run is not known may be that of one which begins just now. */
const STRAY_AFTER_MS = 3_600_000

/** Lets go of runs and log files that are kept long enough; what they amounted to stays as totals. */
export const createRunsForgetting = (db: Database, clock: Clock, logs: RunLogs, keep: Keep) => {
  const find = async (where: RawBuilder<SqlBool>): Promise<string[]> => {
    const { rows } = await sql<{ id: string }>`
      select r.id from runs r where ${where} and ${unneeded} order by r.seq limit ${sql.lit(BATCH)}`.execute(
      db.kysely,
    )
    return rows.map(({ id }) => id)
  }

  /** In one transaction, and counted by what was really deleted: another may do the same. */
  const forget = (ids: readonly string[]): Promise<number> =>
    db.transaction(async (tx) => {
      const gone = await tx.kysely
        .deleteFrom('runs')
        .where('id', 'in', [...ids])
        .returning(['task_id', 'status', 'slots', 'duration_ms', 'ended_at'])
        .execute()
      const byEnd = Map.groupBy(gone, (run) => `${run.task_id ?? ''}\n${run.status}`)
      for (const [key, runs] of byEnd) {
        const [task_id = '', status = ''] = key.split('\n')
        const sum = (of: (run: (typeof runs)[number]) => number) =>
          runs.reduce((total, run) => total + of(run), 0)
        await tx.kysely
          .insertInto('run_totals')
          .values({
            task_id,
            status,
            runs: runs.length,
            slots: sum((run) => run.slots),
            duration_ms: sum((run) => run.duration_ms ?? 0),
            until:
              runs
                .map((run) => run.ended_at ?? '')
                .sort()
                .at(-1) ?? '',
          })
          .onConflict((conflict) =>
            conflict.columns(['task_id', 'status']).doUpdateSet({
              runs: sql`run_totals.runs + excluded.runs`,
              slots: sql`run_totals.slots + excluded.slots`,
              duration_ms: sql`run_totals.duration_ms + excluded.duration_ms`,
              until: sql`case when excluded.until > run_totals.until then excluded.until else run_totals.until end`,
            }),
          )
          .execute()
      }
      return gone.length
    })

  const forgetAll = async (where: RawBuilder<SqlBool>, signal: AbortSignal): Promise<number> => {
    let count = 0
    while (!signal.aborted) {
      const ids = await find(where)
      if (ids.length === 0) break
      const gone = await forget(ids)
      for (const id of ids) await logs.remove(id)
      count += gone
      if (gone === 0 || ids.length < BATCH) break
    }
    return count
  }

  const forgetOld = (signal: AbortSignal): Promise<number> => {
    const before = isoTime(new Date(clock.now().getTime() - keep.runsMs))
    const hasNewer = sql<SqlBool>`(r.task_id is null or r.seq <= ${lastButNewest(NEWEST_KEPT, sql.ref('r.task_id'))})`
    return forgetAll(sql<SqlBool>`r.ended_at < ${before} and ${hasNewer}`, signal)
  }

  /** Task by task: to count all runs at once would hold the database for too long. */
  const forgetSurplus = async (signal: AbortSignal): Promise<number> => {
    let count = 0
    let after = ''
    const newest = Math.max(keep.runsPerTask, NEWEST_KEPT)
    while (!signal.aborted) {
      const { rows } = await sql<{ id: string; upto: number | null }>`
        select id, ${lastButNewest(newest, sql.ref('tasks.id'))} as upto from tasks
        where id > ${after} order by id limit ${sql.lit(BATCH)}`.execute(db.kysely)
      for (const { id, upto } of rows)
        if (upto !== null)
          count += await forgetAll(sql<SqlBool>`r.task_id = ${id} and r.seq <= ${upto}`, signal)
      after = rows.at(-1)?.id ?? ''
      if (rows.length < BATCH) break
    }
    return count
  }

  /** Those files that may go: of a run that is not needed, or that is no longer known (stray). */
  const removable = async (
    files: readonly LogFile[],
  ): Promise<(LogFile & { isStray: boolean })[]> => {
    const found: (LogFile & { isStray: boolean })[] = []
    for (let from = 0; from < files.length; from += BATCH) {
      const some = files.slice(from, from + BATCH)
      const { rows } = await sql<{ id: string; unneeded: number | boolean }>`
        select r.id, case when ${unneeded} then 1 else 0 end as unneeded from runs r
        where r.id in (${sql.join(some.map(({ id }) => id))})`.execute(db.kysely)
      const known = new Map(rows.map((row) => [row.id, Number(row.unneeded) === 1]))
      const stray = clock.now().getTime() - STRAY_AFTER_MS
      for (const file of some) {
        const isStray = !known.has(file.id)
        if (known.get(file.id) ?? file.modifiedAt.getTime() < stray)
          found.push({ ...file, isStray })
      }
    }
    return found
  }

  const removeLogs = async (): Promise<{ logs: number; logBytes: number }> => {
    const files = (await Array.fromAsync(logs.list())).sort(
      (a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime(),
    )
    const oldest = clock.now().getTime() - keep.logsMs
    let surplus = files.reduce((sum, { bytes }) => sum + bytes, 0) - keep.logsBytes
    let count = 0
    let bytes = 0
    for (const file of await removable(files)) {
      if (!file.isStray && surplus <= 0 && file.modifiedAt.getTime() >= oldest) continue
      await logs.remove(file.id)
      surplus -= file.bytes
      count++
      bytes += file.bytes
    }
    return { logs: count, logBytes: bytes }
  }

  return {
    async forget(signal: AbortSignal): Promise<{ runs: number; logs: number; logBytes: number }> {
      const runs = (await forgetOld(signal)) + (await forgetSurplus(signal))
      return { runs, ...(await removeLogs()) }
    },
  }
}
