import type { Kysely } from 'kysely'
import { openPostgres } from './postgres.ts'
import type { Schema } from './schema.ts'
import { openSqlite } from './sqlite.ts'
import type { BuildStatement, Params } from './statement.ts'

/** A hot statement: compiled once per database, prepared once per connection. */
export type Statement<Row> = {
  /** Rows in no promised order (`returning` has none): sort after. */
  all(params: Params): Promise<Row[]>
  /** The number of rows it changed. */
  run(params: Params): Promise<number>
}

export type Database = {
  dialect: 'sqlite' | 'postgres'
  /** Inside `transaction` this is the transaction. */
  kysely: Kysely<Schema>
  inTransaction: boolean
  /**
   * Runs `work` in one transaction and commits, or rolls back when it throws. Joins the current
   * one when there is one. On SQLite it begins IMMEDIATE: a deferred read-then-write gave 386
   * SQLITE_BUSY_SNAPSHOT errors in 15 s in spite of busy_timeout (kysely #1152).
   */
  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T>
  /** The statement of that name, built by `build` the first time it is asked for. */
  statement<Row>(name: string, build: BuildStatement): Statement<Row>
  /**
   * Like `statement`, but the calls of one event-loop turn share one commit (SQLite), so
   * that 64 posters pay for one fsync. Inside a transaction it simply joins it.
   */
  grouped<Row>(name: string, build: BuildStatement): Statement<Row>
  close(): Promise<void>
} & ({ dialect: 'sqlite'; path: string } | { dialect: 'postgres'; url: string })

/**
 * Opens SQLite at a path, or Postgres at a `postgres://` URL. The schema is not touched: see
 * `migrate`. Throws what the driver throws when the file or server cannot be reached.
 */
export const openDatabase = (target: string): Database =>
  /^postgres(ql)?:\/\//.test(target) ? openPostgres(target) : openSqlite(target)
