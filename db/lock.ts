import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Makes transactions that name the same thing go one after the other, until each ends. On SQLite
 * a writing transaction is alone anyway; Postgres would let two look, find nothing, and both add.
 */
export const lockName = async (tx: Database, name: string): Promise<void> => {
  if (!tx.inTransaction) throw new Error('A name is locked for the length of a transaction')
  if (tx.dialect !== 'postgres') return
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.kysely)
}
