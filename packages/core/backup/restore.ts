import { constants } from 'node:fs'
import { copyFile, cp, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { beatingSince, signBrowsersOut } from '@mc/db/copy.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { refuseOccupied } from '../process/occupy.ts'
import { STALE_AFTER_MS } from '../workers/workers.ts'
import { refuseDamaged } from './backup.ts'
import { DATABASE, type Manifest } from './manifest.ts'

export type Restored = {
  manifest: Manifest
  /** Where what was there before has gone; null when nothing was there. */
  aside: string | null
}

/**
 * Brings a backup back into the data folder. It is read through first, so that a damaged one
 * changes nothing; what was there is moved aside, not deleted. Files a person edits stay in the
 * backup: they may be newer where they are. Every browser has to sign in again. Throws `conflict`
 * while Mission Control runs on the folder.
 */
export const restoreBackup = async (
  folder: string,
  to: Pick<Config, 'database' | 'dataDir'>,
  now: Date,
): Promise<Restored> => {
  if (/^postgres(ql)?:/.test(to.database))
    throw new AppError('invalid', 'With Postgres the database is brought back by its own program', {
      hint: 'pg_restore --clean --dbname="$DATABASE_URL" backup.dump',
    })
  await mkdir(to.dataDir, { recursive: true, mode: 0o700 })
  refuseRunning(to, now)
  const manifest = await refuseDamaged(folder)
  // Beside its place first: copying may fail half-way, renaming does not.
  const incoming = `${to.database}.incoming`
  await copyFile(join(folder, DATABASE), incoming, constants.COPYFILE_FICLONE)
  signBrowsersOut(incoming)
  const aside = await moveAside(to, now)
  await rename(incoming, to.database)
  const attachments = manifest.files.some(({ path }) => path.startsWith('attachments/'))
  if (attachments)
    await cp(join(folder, 'attachments'), join(to.dataDir, 'attachments'), { recursive: true })
  return { manifest, aside }
}

/** A scheduler or pickup that was started alone holds no lock, but it beats. */
const refuseRunning = (
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  now: Date,
): void => {
  for (const role of ['start', 'api'] as const) refuseOccupied(dataDir, role)
  const since = new Date(now.getTime() - STALE_AFTER_MS).toISOString()
  const running = beatingSince(database, since)
  if (running.length > 0)
    throw new AppError('conflict', `Still running on this database: ${running.join(', ')}`, {
      hint: `Stop them first. One that was killed counts as running for ${STALE_AFTER_MS / 1_000} seconds.`,
    })
}

const moveAside = async (
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  now: Date,
): Promise<string | null> => {
  const aside = join(
    dataDir,
    `before-restore-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`,
  )
  await mkdir(aside, { mode: 0o700 })
  let moved = false
  for (const path of [database, `${database}-wal`, `${database}-shm`, join(dataDir, 'attachments')])
    moved = (await moveInto(aside, path)) || moved
  return moved ? aside : null
}

const moveInto = async (aside: string, path: string): Promise<boolean> => {
  try {
    await rename(path, join(aside, path.split('/').at(-1) ?? 'file'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
