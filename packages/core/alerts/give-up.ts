import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { Batch } from './batch.ts'
import { noteOn } from './events.ts'

/**
 * What cannot be told stays on the page; the end of what was never heard of needs nobody. Without
 * a batch it is all that is due. Returns how many.
 */
export const giveUp = async (
  tx: Database,
  clock: Clock,
  batch: Batch | null,
  reason: string,
): Promise<number> => {
  const now = isoTime(clock.now())
  let query = tx.kysely
    .updateTable('alerts')
    .set({
      state: sql<string>`case kind when 'recovered' then 'resolved' else 'undelivered' end`,
      resolved_at: sql<string | null>`case kind when 'recovered' then ${now} else resolved_at end`,
      last_error: reason,
      sending_until: null,
      held: null,
    })
    .returning(['id', 'state'])
  query = batch
    ? query
        .where(
          'id',
          'in',
          batch.alerts.map((alert) => alert.id),
        )
        .where('state', '=', 'sending')
        .where('sending_until', '=', batch.until)
    : query.where('state', '=', 'queued').where('due_at', '<=', now)
  const rows = await query.execute()
  const undelivered = rows.filter((row) => row.state === 'undelivered').map((row) => row.id)
  await noteOn(tx, clock, undelivered, { kind: 'undelivered', detail: reason })
  return rows.length
}
