import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sources } from './sources.ts'
import { createWordTables, type Noun, nouns } from './word-tables.ts'
import { wordsToFind } from './words.ts'

/** Each in a transaction of its own, so short that nobody who posts waits for it. */
const BATCH = 200

/**
 * Keeps the tables of words after the fact: who writes a ticket, a turn or an item pays nothing
 * for it and need not know of it. Everything may be broken off anywhere and done again, by several
 * processes at once.
 */
export const createIndexer = (db: Database) => {
  const tables = createWordTables(db)

  const cursorOf = async (tx: Database, noun: Noun): Promise<string> => {
    const row = await tx.kysely
      .selectFrom('search_cursors')
      .select('at')
      .where('noun', '=', noun)
      .executeTakeFirst()
    return row?.at ?? ''
  }

  const setCursor = (tx: Database, noun: Noun, at: string) =>
    tx.kysely
      .insertInto('search_cursors')
      .values({ noun, at })
      .onConflict((conflict) => conflict.column('noun').doUpdateSet({ at }))
      .execute()

  return {
    /** Takes the next rows in; how many they were. Looks first without a lock: mostly it is 0. */
    async step(noun: Noun): Promise<number> {
      if (!(await sources[noun].news(db, await cursorOf(db, noun), 1))) return 0
      return db.transaction(async (tx) => {
        await lockName(tx, `search:${noun}`)
        const news = await sources[noun].news(tx, await cursorOf(tx, noun), BATCH)
        if (!news) return 0
        const documents = await sources[noun].documents(tx, news.ids)
        const rows = documents.map(({ id, title, body }) => ({
          id,
          words: wordsToFind(`${title} ${body}`),
        }))
        await tables.put(noun, rows, tx)
        await setCursor(tx, noun, news.cursor)
        return news.ids.length
      })
    },

    /** All there is to take in now. */
    async catchUp(signal: AbortSignal = new AbortController().signal): Promise<void> {
      for (const noun of nouns)
        while (!signal.aborted && (await this.step(noun)) > 0)
          // Others of this process want to be heard between two batches.
          await new Promise((resolve) => setTimeout(resolve, 1))
    },

    /** Lets go of the words of rows that are gone; how many they were. */
    async sweep(signal: AbortSignal = new AbortController().signal): Promise<number> {
      let count = 0
      for (const noun of nouns) {
        let after = 0
        while (!signal.aborted) {
          const ids = await tables.ids(noun, after, BATCH)
          const last = ids.at(-1)
          if (last === undefined) break
          const there = await known(db, noun, ids)
          const gone = ids.filter((id) => !there.has(id))
          if (gone.length > 0) await db.transaction((tx) => tables.remove(noun, gone, tx))
          count += gone.length
          after = last
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      }
      return count
    },

    /** Forgets all words; `catchUp` then takes everything in again. */
    async forget(): Promise<void> {
      for (const noun of nouns)
        await db.transaction(async (tx) => {
          await lockName(tx, `search:${noun}`)
          await tables.clear(noun, tx)
          await tx.kysely.deleteFrom('search_cursors').where('noun', '=', noun).execute()
        })
    },
  }
}

export type Indexer = ReturnType<typeof createIndexer>

const home = {
  ticket: ['tickets', 'id'],
  turn: ['turns', 'seq'],
  item: ['orchestrator_inbox', 'id'],
} as const

/** Which of these rows are still there. */
const known = async (db: Database, noun: Noun, ids: readonly number[]): Promise<Set<number>> => {
  const [table, column] = home[noun]
  const rows = await db.kysely
    .selectFrom(table)
    .select(column as never)
    .where(column as never, 'in', [...ids] as never)
    .execute()
  return new Set(rows.map((row) => Number((row as Record<string, unknown>)[column])))
}
