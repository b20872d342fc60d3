import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { createRuns } from '../runs/runs.ts'
import { begins } from './choose.ts'

export const PUT_AWAY = 'its ticket was put away'

/** Pickup itself asks to stop a run for one reason alone. */
export const cancelCause = (by: string | null): string =>
  by === 'pickup' ? PUT_AWAY : `cancelled by ${by ?? 'somebody'}`

/**
 * Asks to stop the runs of this worker whose ticket was closed, parked or moved to review while
 * they went on: nobody waits for what they do, and it costs.
 */
export const stopPutAway = async (db: Database, clock: Clock, workerId: string): Promise<void> => {
  const rows = await db.kysely
    .selectFrom('runs')
    .innerJoin('tickets', 'tickets.id', 'runs.ticket_id')
    .select('runs.id')
    .where('runs.status', '=', 'running')
    .where('runs.trigger', '=', 'delegate')
    .where('runs.worker_id', '=', workerId)
    .where('runs.cancel_asked_at', 'is', null)
    .where('tickets.status', 'not in', begins)
    .execute()
  for (const { id } of rows) await createRuns(db, clock).askToCancel(id, 'pickup')
}
