import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { findProblems } from './integrity.ts'
import { migrations } from './migrations/index.ts'

/** What a database file holds, for comparing a copy with what was written down about it. */
export type Contents = {
  /** Migrations it has, in order. */
  migrations: string[]
  /** Rows of each table, ours alone: not those that a search index keeps for itself. */
  rows: Record<string, number>
}

/**
 * A copy of an SQLite database as it is at one moment, while others read and write it: VACUUM INTO
 * reads in one transaction, for which no writer waits. (The online backup begins anew with every
 * write of another process: under steady posting it never ends.) The copy is one file, whole by
 * itself, on the disk when this returns. Throws when `to` is there already.
 */
export const copyDatabase = (from: string, to: string): void => {
  if (existsSync(to)) throw new Error(`There is a file at ${to} already`)
  const source = new BetterSqlite3(from, { readonly: true, fileMustExist: true })
  try {
    source.prepare('vacuum into ?').run(to)
  } finally {
    source.close()
  }
  const file = openSync(to, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What a database file holds. Throws when it cannot be read. */
export const contentsOf = (path: string): Contents => {
  const raw = new BetterSqlite3(path, { readonly: true, fileMustExist: true })
  try {
    const tables = raw
      .prepare(
        `select name from pragma_table_list
         where schema = 'main' and type = 'table' and name not like 'sqlite_%' and name not like 'kysely_%'
         order by name`,
      )
      .pluck()
      .all() as string[]
    const rows = tables.map((name) => {
      const count = raw.prepare(`select count(*) from "${name}"`).pluck().get() as number
      return [name, count] as const
    })
    const done = raw
      .prepare('select name from kysely_migration order by name')
      .pluck()
      .all() as string[]
    return { migrations: done, rows: Object.fromEntries(rows) }
  } finally {
    raw.close()
  }
}

/** What is wrong with a copy, in words: its pages, its rows, or that a newer version wrote it. */
export const problemsOfCopy = async (path: string, expected: Contents): Promise<string[]> => {
  const damaged = await findProblems(path)
  if (damaged.length > 0) return damaged
  const found = contentsOf(path)
  const unknown = found.migrations.filter((name) => !(name in migrations))
  const newer = unknown.map(
    (name) => `It was written by a newer version of Mission Control (${name}): update this one`,
  )
  const counts = Object.entries(expected.rows)
    .filter(([table, count]) => found.rows[table] !== count)
    .map(
      ([table, count]) =>
        `Expected ${count} rows in ${table}, found ${found.rows[table] ?? 'no such table'}`,
    )
  return [...newer, ...counts]
}

/** Processes that beat since `since` (ISO time) and did not say goodbye, as `scheduler (pid 12)`. */
export const beatingSince = (path: string, since: string): string[] => {
  if (!existsSync(path)) return []
  const raw = new BetterSqlite3(path, { readonly: true, fileMustExist: true })
  try {
    const rows = raw
      .prepare('select name, pid from workers where stopped_at is null and beat_at > ? order by id')
      .all(since) as { name: string; pid: number }[]
    return rows.map(({ name, pid }) => `${name} (pid ${pid})`)
  } catch {
    // Damaged or of another kind: to be replaced is all it is good for.
    return []
  } finally {
    raw.close()
  }
}

/** Nobody stays signed in across a restore: who was signed out since would be in again. */
export const signBrowsersOut = (path: string): void => {
  const raw = new BetterSqlite3(path)
  try {
    raw.prepare(`delete from credentials where kind in ('browser', 'sign_in')`).run()
  } finally {
    raw.close()
  }
}
