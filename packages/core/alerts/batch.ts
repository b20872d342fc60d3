import type { Database } from '@mc/db/database.ts'
import type { ChannelState } from './channel-state.ts'
import type { Chosen } from './choose.ts'

/** Alerts on their way in one message; the lease on them ends at `until`. */
export type Batch = Chosen & {
  until: string
  /** When it was claimed, as the budget counts it. */
  at: string
  message: string
  /** Ids of those that may have arrived before. */
  repeated: ReadonlySet<number>
  /** The channel as it was before: how long it had been down. */
  before: ChannelState
  /** Alerts that expired meanwhile, still open, of which nobody was told. */
  unheard: number
}

/** Only rows still under this batch's lease; of them those that came due `after` a moment. */
export const endLease = (
  tx: Database,
  batch: Batch,
  set: { state: 'sent' | 'queued'; last_error?: string },
  after = '',
) =>
  tx.kysely
    .updateTable('alerts')
    .set({ ...set, sending_until: null })
    .where(
      'id',
      'in',
      batch.alerts.map((alert) => alert.id),
    )
    .where('state', '=', 'sending')
    .where('sending_until', '=', batch.until)
    .where('due_at', '>', after)
    .execute()
