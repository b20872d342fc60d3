import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type PostgresServer, startPostgres } from './postgres.ts'

let server: Promise<PostgresServer> | undefined

/** The server that `pnpm test` started for all files, or one of this file's own. */
const postgresUrl = async (): Promise<string> => {
  const shared = process.env.MC_TEST_POSTGRES
  if (shared) return shared
  if (!server) {
    server = startPostgres()
    t.teardown(async () => (await server)?.stop())
  }
  return (await server).url
}

/** A migrated SQLite database in a temp folder, gone after the test. */
export const sqliteDatabase = async (test: Test): Promise<Database & { dialect: 'sqlite' }> => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-db-'))
  const path = join(folder, 'test.db')
  const template = process.env.MC_TEST_SQLITE_TEMPLATE
  if (template) copyFileSync(template, path)
  const db = openDatabase(path)
  test.teardown(async () => {
    await db.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  if (!template) await migrate(db)
  return db as Database & { dialect: 'sqlite' }
}

/** A migrated Postgres database of its own, gone after the test. */
export const postgresDatabase = async (test: Test): Promise<Database & { dialect: 'postgres' }> => {
  const base = await postgresUrl()
  const name = `mc_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: `${base}/postgres` })
  await admin.connect()
  const template = process.env.MC_TEST_POSTGRES_TEMPLATE
  // Copying the files takes a quarter of the processor time that writing them to the log does.
  const copied = template ? ` template ${template} strategy file_copy` : ''
  await admin.query(`create database ${name}${copied}`)
  const db = openDatabase(`${base}/${name}`)
  test.teardown(async () => {
    await db.close()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  if (!template) await migrate(db)
  return db as Database & { dialect: 'postgres' }
}

/** The same test on both databases: "a sentence (sqlite)", "a sentence (postgres)". */
export const onEachDatabase = (
  name: string,
  body: (test: Test, db: Database) => Promise<unknown>,
): void => {
  t.test(`${name} (sqlite)`, async (test) => void (await body(test, await sqliteDatabase(test))))
  t.test(
    `${name} (postgres)`,
    async (test) => void (await body(test, await postgresDatabase(test))),
  )
}
