import { join, resolve } from 'node:path'
import type { Backup } from '@mc/core/backup/backup.ts'
import { Command } from 'commander'
import { atDesk, type Desk } from './desk.ts'
import { wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

/** Without the api: a backup is made while it runs, and also when it cannot start any more. */
export const backupCommand = (): Command =>
  new Command('backup')
    .description(
      'copy everything worth keeping into a new folder, while it runs, and check the copy',
    )
    .option('--to <folder>', 'where backups are kept; default: backups in the data folder')
    .option('--keep <n>', 'afterwards remove all but the newest <n> backups', wholeNumber)
    .action(
      atDesk(async (desk, { to, keep }: { to?: string; keep?: number }) => {
        const { makeBackup, keepNewest } = await import('@mc/core/backup/backup.ts')
        const sources = await readSources()
        const into = to === undefined ? ownFolder(sources.dataDir) : resolve(to)
        const made = await makeBackup(sources, into, new Date())
        const gone = keep === undefined ? [] : await keepNewest(into, keep)
        desk.show({ ...viewOf(made), removed: gone }, () =>
          [`${line(made)}\nRead back and whole.`, ...gone.map((one) => `Removed ${one}`)].join(
            '\n',
          ),
        )
      }),
    )
    .addCommand(
      new Command('list')
        .description('the backups there are, newest first')
        .option('--in <folder>', 'where they are kept; default: backups in the data folder')
        .action(
          atDesk(async (desk, { in: given }: { in?: string }) => {
            const { listBackups } = await import('@mc/core/backup/backup.ts')
            const below =
              given === undefined ? ownFolder((await readSources()).dataDir) : resolve(given)
            const backups = await listBackups(below)
            desk.show({ items: backups.map(viewOf) }, () => listing(desk, below, backups))
          }),
        ),
    )
    .addCommand(
      new Command('verify')
        .description('whether a backup is whole, and of use to this version; exit code 1 when not')
        .argument('<folder>')
        .action(
          atDesk(async (desk, folder: string) => {
            const { refuseDamaged } = await import('@mc/core/backup/backup.ts')
            const manifest = await refuseDamaged(resolve(folder))
            desk.show(
              { ok: true, madeAt: manifest.madeAt },
              () => `Whole: made ${shortTime(manifest.madeAt)}`,
            )
          }),
        ),
    )

export const restoreCommand = (): Command =>
  new Command('restore')
    .description(
      'bring a backup back while Mission Control is stopped; what is there now is moved aside',
    )
    .argument('<folder>', 'of a backup, as "mc backup list" shows it')
    .action(
      atDesk(async (desk, folder: string) => {
        const { restoreBackup } = await import('@mc/core/backup/restore.ts')
        const { manifest, aside } = await restoreBackup(
          resolve(folder),
          await readSources(),
          new Date(),
        )
        desk.show({ madeAt: manifest.madeAt, aside }, () =>
          [
            `Everything is as it was at ${shortTime(manifest.madeAt)}.`,
            ...(aside ? [`What was there before is in ${aside}`] : []),
            'Files you edit (tasks, triage rules) were left alone; their copies are in the backup.',
            'Start again with "npx -y pnpm@12 start"; every browser has to sign in again.',
          ].join('\n'),
        )
      }),
    )

/** The whole configuration: a backup of the wrong database would be worse than none. */
const readSources = async () => {
  const { readConfig } = await import('@mc/core/config.ts')
  const { loadEnvironment, projectRoot } = await import('@mc/core/environment.ts')
  const { readVersion } = await import('@mc/core/version.ts')
  const config = readConfig(loadEnvironment(), projectRoot)
  const { database, dataDir, tasksFile, triageFile } = config
  return { database, dataDir, files: [tasksFile, triageFile], version: readVersion() }
}

const ownFolder = (dataDir: string): string => join(dataDir, 'backups')

const viewOf = ({ folder, manifest, bytes }: Backup) => ({
  folder,
  bytes,
  madeAt: manifest.madeAt,
  version: manifest.version,
})

const line = ({ folder, manifest, bytes }: Backup): string =>
  `${folder}: ${manifest.files.length} files, ${(bytes / 1_000_000).toFixed(1)} MB`

const listing = (desk: Desk, below: string, backups: readonly Backup[]): string =>
  desk.table(
    ['made', 'version', 'MB', 'folder'],
    backups.map(({ folder, manifest, bytes }) => [
      shortTime(manifest.madeAt),
      manifest.version,
      (bytes / 1_000_000).toFixed(1),
      folder,
    ]),
    `There is no backup in ${below}.`,
  )
