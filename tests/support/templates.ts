import { join } from 'node:path'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import pg from 'pg'

/**
 * A migrated database of each kind, made once for a run: a test's own is then a copy. Returns
 * the environment by which `database.ts` finds them.
 */
export const makeTemplates = async (folder: string, postgresUrl: string) => {
  const sqlitePath = join(folder, 'template.db')
  await migrateAndClose(sqlitePath)
  const name = 'mc_template'
  const admin = new pg.Client({ connectionString: `${postgresUrl}/postgres` })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  await migrateAndClose(`${postgresUrl}/${name}`)
  return {
    MC_TEST_POSTGRES: postgresUrl,
    MC_TEST_POSTGRES_TEMPLATE: name,
    MC_TEST_SQLITE_TEMPLATE: sqlitePath,
  }
}

const migrateAndClose = async (target: string): Promise<void> => {
  const db = openDatabase(target)
  await migrate(db)
  await db.close()
}
