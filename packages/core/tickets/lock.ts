import type { Database } from '@mc/db/database.ts'

/**
 * Keeps others from changing a ticket until the transaction ends, so that what is read of it now
 * is still so when it is written. On SQLite a writing transaction is alone anyway.
 */
export const lockTicket = async (tx: Database, id: number): Promise<void> => {
  if (tx.dialect !== 'postgres') return
  await tx.kysely.selectFrom('tickets').select('id').where('id', '=', id).forUpdate().execute()
}
