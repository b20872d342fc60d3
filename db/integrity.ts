import { existsSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'

const CONNECT_TIMEOUT_MS = 10_000

/**
 * What is wrong with a database, in words; none when it is whole. SQLite is looked through page by
 * page, read-only, beside its writers; a Postgres server looks after its own pages, so that one
 * only has to answer and to know our tables.
 */
export const findProblems = async (target: string): Promise<string[]> =>
  /^postgres(ql)?:\/\//.test(target) ? problemsOfPostgres(target) : problemsOfSqlite(target)

const problemsOfSqlite = (path: string): string[] => {
  if (!existsSync(path)) return [`There is no database at ${path}`]
  try {
    const raw = new BetterSqlite3(path, { readonly: true, fileMustExist: true })
    try {
      const rows = raw.pragma('quick_check(20)') as { quick_check: string }[]
      const found = rows.map((row) => row.quick_check).filter((text) => text !== 'ok')
      const strays = raw.pragma('foreign_key_check') as { table: string; parent: string }[]
      return [
        ...found,
        ...strays
          .slice(0, 20)
          .map(({ table, parent }) => `A row of ${table} has lost its ${parent}`),
      ]
    } finally {
      raw.close()
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code?.startsWith('SQLITE_')) return [`${path}: ${message} (${code})`]
    throw error
  }
}

const problemsOfPostgres = async (url: string): Promise<string[]> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select id from orchestrator_inbox order by id desc limit 1')
    return []
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return [`Postgres does not answer as it should: ${message || code}${code ? ` (${code})` : ''}`]
  } finally {
    await client.end().catch(() => {})
  }
}
