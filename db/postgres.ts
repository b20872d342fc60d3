import { createRequire } from 'node:module'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import type { Database, Statement } from './database.ts'
import type { Schema } from './schema.ts'
import { type BuildStatement, type CompiledStatement, compileStatement } from './statement.ts'

/** int8 comes as text from `pg`; our ids and counts fit a number. */
const INT8 = 20

export const openPostgres = (url: string): Database => {
  // Its driver is loaded only by who has a Postgres.
  const pg = createRequire(import.meta.url)('pg') as typeof import('pg')
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    application_name: 'mission-control',
    types: {
      getTypeParser: ((oid: number, format?: string) =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
    },
  })
  // A connection that breaks while idle is replaced at its next use; without a listener it would
  // end the process.
  pool.on('error', () => {})
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  const statements = new Map<string, CompiledStatement>()
  const compiled = (name: string, build: BuildStatement) => {
    let found = statements.get(name)
    if (!found) {
      found = compileStatement(name, kysely, build)
      statements.set(name, found)
    }
    return found
  }

  const database = (k: Kysely<Schema>, inTransaction: boolean): Database => {
    const query = async (name: string, statement: CompiledStatement, values: unknown[]) => {
      if (!inTransaction) return pool.query({ name, text: statement.sql, values })
      const result = await k.executeQuery(CompiledQuery.raw(statement.sql, values))
      return { rows: result.rows, rowCount: Number(result.numAffectedRows ?? 0n) }
    }
    const self: Database = {
      dialect: 'postgres',
      url,
      kysely: k,
      inTransaction,
      transaction: (work) =>
        inTransaction
          ? work(self)
          : again(() => kysely.transaction().execute((trx) => work(database(trx, true)))),
      statement: <Row>(name: string, build: BuildStatement): Statement<Row> => {
        const statement = compiled(name, build)
        return {
          all: async (params) =>
            (await query(name, statement, statement.bind(params))).rows as Row[],
          run: async (params) =>
            (await query(name, statement, statement.bind(params))).rowCount ?? 0,
        }
      },
      // Postgres groups commits by itself.
      grouped: <Row>(name: string, build: BuildStatement) => self.statement<Row>(name, build),
      close: () => kysely.destroy(),
    }
    return self
  }
  return database(kysely, false)
}

const TRIES = 4
/** deadlock_detected, serialization_failure: Postgres undid it all, so it may simply run again. */
const undone = new Set(['40P01', '40001'])

/** Transactions do nothing but database work, so that the victim of a deadlock can be repeated. */
const again = async <T>(transact: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact()
    } catch (error) {
      if (attempt === TRIES || !undone.has((error as { code?: string }).code ?? '')) throw error
    }
  }
}
