import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Noun, nouns } from './nouns.ts'
import { lookUps, type Query } from './query.ts'

export { type Noun, nouns }

/** The words of a row: its id and its text, already cut into words. */
export type WordRow = { id: number; words: readonly string[] }

/** The tables that say which row has which word: FTS5 on SQLite, tsvector on Postgres. */
export const createWordTables = (db: Database) => {
  const table = (noun: Noun) => sql.table(`${noun}_words`)
  const isSqlite = db.dialect === 'sqlite'
  const id = sql.ref(isSqlite ? 'rowid' : 'id')
  /** Ids of rows with all the words, newest first; of any row when there is none. */
  const newest = async (
    noun: Noun,
    words: ReturnType<typeof lookUps>,
    { before, limit }: { before: number | undefined; limit: number },
  ): Promise<number[]> => {
    const older = before === undefined ? sql`` : sql`and ${id} < ${before}`
    // Words are letters and digits: nothing in them can end a quote.
    const matches = isSqlite
      ? sql`${table(noun)} match ${words.map((one) => `"${one.word}"${one.isBeginning ? '*' : ''}`).join(' ')}`
      : sql`words @@ ${words.map((one) => `'${one.word}'${one.isBeginning ? ':*' : ''}`).join(' & ')}::tsquery`
    const { rows } = await sql<{ id: number | string }>`
      select ${id} as id from ${table(noun)} where ${words.length > 0 ? matches : sql`true`} ${older}
      order by ${id} desc limit ${limit}`.execute(db.kysely)
    return rows.map((row) => Number(row.id))
  }

  return {
    /** Writes or rewrites. */
    async put(noun: Noun, rows: readonly WordRow[], tx: Database = db): Promise<void> {
      for (const { id: row, words } of rows) {
        const once = [...new Set(words)]
        await (isSqlite
          ? sql`insert or replace into ${table(noun)} (rowid, words) values (${row}, ${once.join(' ')})`
          : sql`insert into ${table(noun)} (id, words) values (${row}, array_to_tsvector(${once}::text[]))
              on conflict (id) do update set words = excluded.words`
        ).execute(tx.kysely)
      }
    },

    /** Ids of rows that may answer, newest first: more than those that do, few more if `isNarrow`. */
    async lookUp(
      noun: Noun,
      query: Query,
      {
        before,
        limit,
        isNarrow = false,
      }: { before?: number | undefined; limit: number; isNarrow?: boolean },
    ): Promise<number[]> {
      const words = lookUps(query, isNarrow)
      try {
        return await newest(noun, words, { before, limit })
      } catch (error) {
        if (!isSqlite || !/phrase queries are not supported/.test(String(error))) throw error
        // SQLite's letters are those of Unicode 6.1: it cuts a word at a newer one. What is looked
        // up without such words is too much rather than too little.
        const known = words.filter(({ word }) => /^[a-z\d]+$/.test(word))
        return newest(noun, known, { before, limit })
      }
    },

    /** A stretch of ids that have words, oldest first. */
    async ids(noun: Noun, after: number, limit: number): Promise<number[]> {
      const { rows } = await sql<{ id: number | string }>`
        select ${id} as id from ${table(noun)} where ${id} > ${after}
        order by ${id} limit ${limit}`.execute(db.kysely)
      return rows.map((row) => Number(row.id))
    },

    async remove(noun: Noun, ids: readonly number[], tx: Database = db): Promise<void> {
      for (const one of ids)
        await sql`delete from ${table(noun)} where ${id} = ${one}`.execute(tx.kysely)
    },

    async clear(noun: Noun, tx: Database = db): Promise<void> {
      // Each row of a table without content would be taken back by itself otherwise.
      await (isSqlite
        ? sql`insert into ${table(noun)} (${table(noun)}) values ('delete-all')`
        : sql`truncate ${table(noun)}`
      ).execute(tx.kysely)
    },
  }
}

export type WordTables = ReturnType<typeof createWordTables>
