import { existsSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { DatabaseFromFutureError, migrate } from '@mc/db/migrate.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

/**
 * Makes the data folder, opens the database and brings it up to date. What a person can mend (an
 * unwritable folder, a database from a newer version, a Postgres that is away) is an AppError
 * that says how.
 */
export const openStore = async (
  config: Pick<Config, 'dataDir' | 'database'>,
): Promise<{ db: Database; applied: string[] }> => {
  prepareFolder(config.dataDir)
  const db = await explain(config, async () => openDatabase(config.database))
  try {
    const { applied } = await explain(config, () => migrate(db))
    return { db, applied }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Throws an AppError when the folder cannot be made or written to. Asked by really writing: root may all, but for a read-only disk. */
export const prepareFolder = (dataDir: string): void => {
  try {
    makeFolder(dataDir)
    rmdirSync(mkdtempSync(join(dataDir, '.write-check-')))
  } catch (error) {
    throw new AppError(
      'unavailable',
      `The data folder ${dataDir} cannot be written to (${(error as NodeJS.ErrnoException).code})`,
      {
        hint: 'Make it writable for the user that runs this, or set MC_DATA_DIR to a folder that is.',
        cause: error,
      },
    )
  }
}

/** Not `recursive: true`: Node spins for ever where a parent is there and says ENOENT (under /proc). */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another of the three processes may have been first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Node's network errors, and Postgres: no connection, wrong sign-in, no such database, starting up. */
const CANNOT_CONNECT = /^(E[A-Z]+|08...|28...|3D000|57P03)$/

const explain = async <T>(config: Pick<Config, 'database'>, act: () => Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DatabaseFromFutureError)
      throw new AppError('conflict', error.message, { cause: error })
    const code = String((error as { code?: unknown }).code ?? '')
    if (code.startsWith('SQLITE_'))
      throw new AppError(
        'unavailable',
        `The database ${config.database} cannot be used: ${(error as Error).message} (${code})`,
        {
          hint: 'Is the disk full, or the file another program’s or damaged? Set MC_DATA_DIR to start elsewhere, or bring back a backup.',
          cause: error,
        },
      )
    if (/^postgres(ql)?:/.test(config.database) && CANNOT_CONNECT.test(code))
      throw new AppError(
        'unavailable',
        `Postgres at ${withoutPassword(config.database)} cannot be used: ${(error as Error).message || code} (${code})`,
        { hint: 'Is it running, and DATABASE_URL right?', cause: error },
      )
    throw error
  }
}

const withoutPassword = (url: string): string => {
  if (!URL.canParse(url)) return 'DATABASE_URL'
  const parsed = new URL(url)
  parsed.password = ''
  return parsed.href
}
