import { type ColumnBuilderCallback, type Kysely, PostgresAdapter, sql } from 'kysely'

export const isPostgres = (db: Kysely<unknown>): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter

/** An integer key that counts by itself, never reused: type and column callback. */
export const countingId = (db: Kysely<unknown>): ['bigint' | 'integer', ColumnBuilderCallback] =>
  isPostgres(db)
    ? ['bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity()]
    : ['integer', (column) => column.primaryKey().autoIncrement()]

/** Postgres rings the bell itself, once a statement, also for rows written by other programs. */
export const ringOnChange = async (db: Kysely<unknown>, table: string): Promise<void> => {
  if (!isPostgres(db)) return
  await sql`
    create trigger ${sql.ref(`${table}_bell`)} after insert or update or delete on ${sql.table(table)}
    for each statement execute function mission_control_bell()`.execute(db)
}
