import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import type { Database, Statement } from './database.ts'
import type { Schema } from './schema.ts'
import {
  type BuildStatement,
  type CompiledStatement,
  compileStatement,
  type Params,
} from './statement.ts'

type Raw = BetterSqlite3.Database
type Prepared = { statement: BetterSqlite3.Statement; compiled: CompiledStatement }

/** Waits for the write lock this long before SQLITE_BUSY. Longest wait seen under contention: 1.4 s. */
const BUSY_TIMEOUT_MS = 5_000

export const openSqlite = (path: string): Database => {
  const raw = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS })
  // Readers never wait for a writer, and a writer never for readers.
  raw.pragma('journal_mode = WAL')
  // A committed item survives a power cut. The cost (0.04–0.35 of NORMAL, by disk) is won back
  // by committing the posts of one event-loop turn together.
  raw.pragma('synchronous = FULL')
  raw.pragma('foreign_keys = ON')
  // The claim's sort and the pages' groupings stay out of temp files.
  raw.pragma('temp_store = MEMORY')
  const prepare = cachedPrepare(raw)
  const lock = { held: false }
  const kysely = new Kysely<Schema>({ dialect: new LockingDialect(raw, prepare, lock) })
  const statements = new Map<string, Prepared>()
  const prepared = (name: string, build: BuildStatement): Prepared => {
    let found = statements.get(name)
    if (!found) {
      const compiled = compileStatement(name, kysely, build)
      found = { compiled, statement: prepare(compiled.sql) as BetterSqlite3.Statement }
      statements.set(name, found)
    }
    return found
  }
  const group = createGroup(raw, kysely, lock)

  const database = (k: Kysely<Schema>, inTransaction: boolean): Database => {
    /** Runs at once when nobody is between BEGIN and COMMIT, else waits for its turn. */
    const whenFree = <T>(act: () => T): Promise<T> | T =>
      inTransaction || !lock.held ? act() : kysely.connection().execute(async () => act())
    const self: Database = {
      dialect: 'sqlite',
      path,
      kysely: k,
      inTransaction,
      transaction: (work) =>
        inTransaction
          ? work(self)
          : kysely.transaction().execute((trx) => work(database(trx, true))),
      statement: <Row>(name: string, build: BuildStatement): Statement<Row> => {
        const { statement, compiled } = prepared(name, build)
        return {
          all: async (params) =>
            whenFree(() => statement.all(...compiled.bind(params))) as Promise<Row[]>,
          run: async (params) => whenFree(() => statement.run(...compiled.bind(params)).changes),
        }
      },
      grouped: <Row>(name: string, build: BuildStatement): Statement<Row> => {
        const { statement, compiled } = prepared(name, build)
        const all = (params: Params) => statement.all(...compiled.bind(params)) as Row[]
        const run = (params: Params) => statement.run(...compiled.bind(params)).changes
        return {
          all: async (params) => (inTransaction ? all(params) : group(() => all(params))),
          run: async (params) => (inTransaction ? run(params) : group(() => run(params))),
        }
      },
      close: async () => {
        if (inTransaction) throw new Error('A transaction cannot close its database')
        await kysely.destroy()
        raw.close()
      },
    }
    return self
  }
  return database(kysely, false)
}

/** Every SQL text is prepared once and kept: kysely's own driver prepares at each call (0.30 of raw). */
const cachedPrepare = (raw: Raw) => {
  const cache = new Map<string, BetterSqlite3.Statement>()
  return (sql: string): BetterSqlite3.Statement => {
    let statement = cache.get(sql)
    if (!statement) {
      statement = raw.prepare(sql)
      // Queries with long `in` lists differ each time; they must not pile up.
      if (cache.size < 2_000) cache.set(sql, statement)
    }
    return statement
  }
}

/** Collects what is asked for in one event-loop turn and commits it together. */
const createGroup = (raw: Raw, kysely: Kysely<Schema>, lock: { held: boolean }) => {
  type Waiting = {
    act: () => unknown
    resolve: (value: never) => void
    reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  const runAll = raw.transaction((batch: Waiting[], settled: (() => void)[]) => {
    for (const { act, resolve, reject } of batch) {
      // One bad row fails alone: SQLite undoes only the failing statement.
      try {
        const value = act()
        settled.push(() => resolve(value as never))
      } catch (error) {
        settled.push(() => reject(error))
      }
    }
  }).immediate
  const commit = (batch: Waiting[]) => {
    const settled: (() => void)[] = []
    try {
      runAll(batch, settled)
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    for (const settle of settled) settle()
  }
  const flush = () => {
    const batch = waiting
    waiting = []
    if (!lock.held) return commit(batch)
    kysely
      .connection()
      .execute(async () => commit(batch))
      .catch((error) => {
        for (const { reject } of batch) reject(error)
      })
  }
  return <T>(act: () => T) =>
    new Promise<T>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ act, resolve: resolve as (value: never) => void, reject })
    })
}

/**
 * Kysely's own dialect, but transactions begin IMMEDIATE, and it says whether the one connection
 * is taken, so that hot statements can run without queueing when it is not.
 */
class LockingDialect extends SqliteDialect {
  #raw: Raw
  #prepare: (sql: string) => BetterSqlite3.Statement
  #lock: { held: boolean }
  constructor(
    raw: Raw,
    prepare: (sql: string) => BetterSqlite3.Statement,
    lock: { held: boolean },
  ) {
    super({ database: raw })
    this.#raw = raw
    this.#prepare = prepare
    this.#lock = lock
  }
  override createAdapter() {
    return new TransactionalDdlAdapter()
  }
  override createDriver() {
    const lock = this.#lock
    const raw = this.#raw
    class LockingDriver extends SqliteDriver {
      override async acquireConnection() {
        lock.held = true
        return super.acquireConnection()
      }
      override async beginTransaction() {
        raw.exec('begin immediate')
      }
      override async releaseConnection() {
        lock.held = false
        await super.releaseConnection()
      }
      override async destroy() {}
    }
    return new LockingDriver({
      database: { prepare: this.#prepare as never, close: () => {} },
    })
  }
}

/** SQLite's schema changes are transactional; so a migration is whole or not there. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true
  }
}
