import type { Database } from '@mc/db/database.ts'

/** Counts what is asked of a database through kysely from now on. */
export const countQueries = (db: Database): (() => number) => {
  const executor = db.kysely.getExecutor()
  const { provideConnection } = executor
  let count = 0
  executor.provideConnection = (consumer) =>
    provideConnection.call(executor, (connection) => {
      count++
      return consumer(connection)
    }) as never
  return () => count
}
