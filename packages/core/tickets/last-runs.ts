import type { Database } from '@mc/db/database.ts'
import type { RunStatus } from '../runs/run.ts'

/** How the last worker's run of each of these goes or ended; none for a ticket without one. */
export const lastRunsOf = async (
  db: Database,
  ids: readonly number[],
): Promise<Map<number, RunStatus>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['ticket_id', 'status'])
    .where('seq', 'in', (of) =>
      of
        .selectFrom('runs')
        .select((eb) => eb.fn.max('seq').as('last'))
        .where('ticket_id', 'in', [...ids])
        .groupBy('ticket_id'),
    )
    .execute()
  return new Map(rows.map((row) => [Number(row.ticket_id), row.status as RunStatus]))
}
