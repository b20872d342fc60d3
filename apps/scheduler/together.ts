import type { Database } from '@mc/db/database.ts'

type Work<T> = (tx: Database) => Promise<T>
type Waiting = {
  name: string
  work: Work<unknown>
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

/**
 * What is asked for in one turn of the event loop is done in one transaction, so that a hundred
 * runs that end together pay for one commit. When it fails each is done again by itself, so that
 * only the bad one fails. Inside a transaction it simply joins it.
 */
export const createTogether = (db: Database) => {
  let waiting: Waiting[] = []

  const all = (batch: Waiting[]) =>
    db.transaction(async (tx) => {
      const values: unknown[] = []
      for (const { work } of batch) values.push(await work(tx))
      return values
    })

  const flush = async (): Promise<void> => {
    // Always in the same order, so that two processes do not wait for each other.
    const batch = waiting.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    waiting = []
    try {
      const values = await all(batch)
      for (const [n, { resolve }] of batch.entries()) resolve(values[n] as never)
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error)
      for (const { work, resolve, reject } of batch)
        await db.transaction(work).then(resolve as (value: unknown) => void, reject)
    }
  }

  return <T>(name: string, work: Work<T>): Promise<T> =>
    db.inTransaction
      ? work(db)
      : new Promise<T>((resolve, reject) => {
          if (waiting.length === 0) setImmediate(flush)
          waiting.push({ name, work, resolve: resolve as (value: never) => void, reject })
        })
}

export type Together = ReturnType<typeof createTogether>
