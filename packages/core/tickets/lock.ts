import type { Database } from '@mc/db/database.ts'

/**
 * Keeps others from changing a ticket until the transaction ends, so that what is read of it now
 * is still so when it is written. Who takes a name as well (`ticket-links`) takes the ticket first.
 * On SQLite a writing transaction is alone anyway.
 */
export const lockTicket = async (tx: Database, id: number): Promise<void> => {
  if (tx.dialect !== 'postgres') return
  // Not against being named by others: who links to it would wait, and hold what we wait for.
  const row = tx.kysely.selectFrom('tickets').select('id').where('id', '=', id)
  await row.forNoKeyUpdate().execute()
}
