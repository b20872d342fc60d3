import { constants } from 'node:fs'
import { access, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { contentsOf, copyDatabase, problemsOfCopy } from '@mc/db/copy.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import {
  changedFiles,
  DATABASE,
  describeFiles,
  MANIFEST,
  type Manifest,
  readManifest,
} from './manifest.ts'

export type Sources = Pick<Config, 'database' | 'dataDir'> & {
  /** Files a person edits: the tasks file, the triage file. One that is not there is left out. */
  files: readonly string[]
  /** Of Mission Control. */
  version: string
}

export type Backup = { folder: string; manifest: Manifest; bytes: number }

const PARTIAL = '.partial-'

/**
 * Copies all that is worth keeping into a new folder below `into`, while everything runs: the
 * database as it is at one moment, attached files, the files a person edits. The folder has its
 * name only once the copy has been read back and found whole. Not copied: tokens, `.env`, logs of
 * runs, Luci's own folder. Throws `invalid` for Postgres, which has a program for this.
 */
export const makeBackup = async (from: Sources, into: string, now: Date): Promise<Backup> => {
  refusePostgres(from.database)
  await mkdir(into, { recursive: true, mode: 0o700 })
  const folder = join(into, nameOf(now))
  const partial = join(into, `${PARTIAL}${basename(folder)}`)
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { mode: 0o700 })
  try {
    copyDatabase(from.database, join(partial, DATABASE))
    await copyIfThere(join(from.dataDir, 'attachments'), join(partial, 'attachments'))
    for (const file of from.files) await copyIfThere(file, join(partial, 'files', basename(file)))
    const manifest: Manifest = {
      format: 'mission-control-backup-1',
      version: from.version,
      madeAt: now.toISOString(),
      database: contentsOf(join(partial, DATABASE)),
      files: await describeFiles(partial),
    }
    await writeFile(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await refuseDamaged(partial)
    await rename(partial, folder)
    return backupOf(folder, manifest)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

/** What is wrong with a backup, in words; none when it is whole and this version can use it. */
export const verifyBackup = async (folder: string): Promise<string[]> => {
  const manifest = await readManifest(folder)
  const changed = await changedFiles(folder, manifest)
  if (changed.length > 0) return changed
  return problemsOfCopy(join(folder, DATABASE), manifest.database)
}

/** Throws `unavailable` that names what is wrong. */
export const refuseDamaged = async (folder: string): Promise<Manifest> => {
  const problems = await verifyBackup(folder)
  if (problems.length > 0)
    throw new AppError('unavailable', `The backup at ${folder} cannot be used`, { problems })
  return readManifest(folder)
}

/** The backups below a folder, newest first. What is half made or not ours is passed over. */
export const listBackups = async (below: string): Promise<Backup[]> => {
  const names = await readdir(below).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const folders = names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
  const backups = []
  for (const name of folders) {
    const folder = join(below, name)
    backups.push(backupOf(folder, await readManifest(folder)))
  }
  return backups
}

/** Removes all but the `count` newest below a folder. Returns the folders that are gone. */
export const keepNewest = async (below: string, count: number): Promise<string[]> => {
  const old = (await listBackups(below)).slice(Math.max(1, count))
  for (const { folder } of old) await rm(folder, { recursive: true })
  return old.map(({ folder }) => folder)
}

/** `2026-11-22T150012Z`: sorts by time, and is a name on every file system. */
const nameOf = (now: Date): string => `${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`
const NAME = /^\d{4}-\d\d-\d\dT\d{6}Z$/

const backupOf = (folder: string, manifest: Manifest): Backup => ({
  folder,
  manifest,
  bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
})

const copyIfThere = async (from: string, to: string): Promise<void> => {
  try {
    await access(from, constants.R_OK)
  } catch {
    // Nothing was attached yet, or no such file is used.
    return
  }
  await mkdir(join(to, '..'), { recursive: true })
  await cp(from, to, { recursive: true, errorOnExist: true, force: false })
}

const refusePostgres = (database: string): void => {
  if (/^postgres(ql)?:/.test(database))
    throw new AppError('invalid', 'With Postgres the database is copied by its own program', {
      hint: 'pg_dump --format=custom --file=backup.dump "$DATABASE_URL", and pg_restore to bring it back. Copy the attachments folder in the data folder beside it.',
    })
}
