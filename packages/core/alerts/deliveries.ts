import type { Database } from '@mc/db/database.ts'
import type { AlertDeliveriesTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { randomHex } from '../ids.ts'
import type { ChannelName } from './channel.ts'

/** An alert's part in one message to one channel. */
export type Delivery = {
  message: string
  channel: ChannelName
  /** unknown: it may have arrived; a timeout, or the sender died. */
  state: 'sending' | 'sent' | 'failed' | 'unknown'
  /** Of the last try. */
  at: string
  tries: number
  /** It may have arrived before, and says so. */
  repeated: boolean
  ref: string | null
  error: string | null
}

type Row = Selectable<AlertDeliveriesTable>

/** The trail of messages. What changes it happens in the transactions of the outbox. */
export const createDeliveries = (tx: Database, clock: Clock) => ({
  /**
   * A message with these alerts is about to go. The same alerts after a failed try are the same
   * message again. `repeated` are those whose last message may have arrived.
   */
  async begin(
    alertIds: readonly number[],
    channel: ChannelName,
  ): Promise<{ message: string; repeated: ReadonlySet<number> }> {
    const at = isoTime(clock.now())
    await tx.kysely
      .updateTable('alert_deliveries')
      .set({ state: 'unknown', error: 'The sender ended before it knew whether this arrived' })
      .where('alert_id', 'in', [...alertIds])
      .where('state', '=', 'sending')
      .execute()
    const last = await lastOf(tx, alertIds)
    const repeated = new Set(last.filter(mayHaveArrived).map((row) => row.alert_id))
    const again = await sameMessage(tx, last, alertIds, channel)
    if (again) {
      await tx.kysely
        .updateTable('alert_deliveries')
        .set((eb) => ({ state: 'sending', at, tries: eb('tries', '+', 1) }))
        .where('message', '=', again)
        .execute()
      if (repeated.size > 0)
        await tx.kysely
          .updateTable('alert_deliveries')
          .set({ repeated: 1 })
          .where('message', '=', again)
          .where('alert_id', 'in', [...repeated])
          .execute()
      return { message: again, repeated }
    }
    const message = randomHex(6)
    await tx.kysely
      .insertInto('alert_deliveries')
      .values(
        alertIds.map((alert_id) => ({
          alert_id,
          message,
          channel,
          state: 'sending',
          at,
          repeated: repeated.has(alert_id) ? 1 : 0,
        })),
      )
      .execute()
    return { message, repeated }
  },

  async end(
    message: string,
    outcome: { state: 'sent'; ref: string } | { state: 'failed' | 'unknown'; error: string },
  ): Promise<void> {
    await tx.kysely
      .updateTable('alert_deliveries')
      .set({
        state: outcome.state,
        at: isoTime(clock.now()),
        ...(outcome.state === 'sent'
          ? { ref: outcome.ref, error: null }
          : { error: outcome.error }),
      })
      .where('message', '=', message)
      .where('state', '=', 'sending')
      .execute()
  },

  /** Those of which the last message is on its way, or may have arrived. */
  async mayHaveReached(alertIds: readonly number[]): Promise<ReadonlySet<number>> {
    if (alertIds.length === 0) return new Set()
    const last = await lastOf(tx, alertIds)
    const reached = last.filter((row) => row.state === 'sending' || mayHaveArrived(row))
    return new Set(reached.map((row) => row.alert_id))
  },

  /** The newest messages of an alert, in the order in which they went. */
  async of(alertId: number): Promise<Delivery[]> {
    const rows = await tx.kysely
      .selectFrom('alert_deliveries')
      .selectAll()
      .where('alert_id', '=', alertId)
      .orderBy('id', 'desc')
      .limit(200)
      .execute()
    return rows.reverse().map(toDelivery)
  },
})

const mayHaveArrived = (row: Row): boolean =>
  row.state === 'unknown' || (row.state === 'failed' && row.repeated === 1)

/** The last message of each, where it had one. */
const lastOf = (tx: Database, alertIds: readonly number[]): Promise<Row[]> =>
  tx.kysely
    .selectFrom('alert_deliveries')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('alert_deliveries')
        .select((max) => max.fn.max('id').as('id'))
        .where('alert_id', 'in', [...alertIds])
        .groupBy('alert_id'),
    )
    .execute()

/** Set when the last message of all of them was one and the same, theirs alone, and did not arrive. */
const sameMessage = async (
  tx: Database,
  last: readonly Row[],
  alertIds: readonly number[],
  channel: ChannelName,
): Promise<string | null> => {
  const [first] = last
  const isOne =
    first !== undefined &&
    last.length === alertIds.length &&
    last.every(
      (row) => row.message === first.message && row.channel === channel && row.state !== 'sent',
    )
  if (!isOne) return null
  const rows = await tx.kysely
    .selectFrom('alert_deliveries')
    .select('id')
    .where('message', '=', first.message)
    .limit(alertIds.length + 1)
    .execute()
  return rows.length === alertIds.length ? first.message : null
}

const toDelivery = (row: Row): Delivery => ({
  message: row.message,
  channel: row.channel as ChannelName,
  state: row.state as Delivery['state'],
  at: row.at,
  tries: row.tries,
  repeated: row.repeated === 1,
  ref: row.ref,
  error: row.error,
})
