import { Migrator } from 'kysely/migration'
import type { Database } from './database.ts'
import { migrations } from './migrations/index.ts'

export type MigrateResult = { applied: string[] }

/** The database knows migrations that this code does not: it was written by a newer version. */
export class DatabaseFromFutureError extends Error {
  readonly code = 'database_from_future'
  readonly unknown: string[]
  constructor(unknown: string[]) {
    super(
      `The database was last used by a newer version of Mission Control (it has ${unknown.join(', ')}). ` +
        'Update this checkout (git pull), or point MC_DATA_DIR or DATABASE_URL at another database.',
    )
    this.unknown = unknown
  }
}

/**
 * Brings a database up to date; several processes may do so at once. Throws
 * DatabaseFromFutureError, before touching anything, when the database is newer than this code.
 */
export const migrate = async (db: Database): Promise<MigrateResult> => {
  const migrator = new Migrator({
    db: db.kysely,
    provider: { getMigrations: async () => migrations },
  })
  const unknown = (await executed(db)).filter((name) => !(name in migrations))
  if (unknown.length > 0) throw new DatabaseFromFutureError(unknown)
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return { applied: (results ?? []).map((result) => result.migrationName) }
}

/** Migrations that this code has and the database has not: none once `migrate` was there. */
export const missingMigrations = async (db: Database): Promise<string[]> => {
  const rows = await db.kysely
    .selectFrom('kysely_migration' as never)
    .select('name' as never)
    .execute()
  const done = new Set((rows as { name: string }[]).map((row) => row.name))
  return Object.keys(migrations).filter((name) => !done.has(name))
}

const executed = async (db: Database): Promise<string[]> => {
  const tables = await db.kysely.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  const rows = await db.kysely
    .selectFrom('kysely_migration' as never)
    .select('name' as never)
    .execute()
  return (rows as { name: string }[]).map((row) => row.name)
}
