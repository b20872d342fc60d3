import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '@mc/api/app.ts'
import { type Bell, openBell } from '@mc/core/bell.ts'
import { type Clock, systemClock } from '@mc/core/clock.ts'
import { type Config, type Environment, readConfig } from '@mc/core/config.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { silentLog } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createFakeLuci, type FakeLuci } from './fake-luci.ts'
import { freePort } from './postgres.ts'

const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { version: string }

/** As much of a test as ends things; a script may bring its own. */
export type Teardown = Pick<Test, 'teardown'>

export type Overrides = {
  /** Environment of the app beside its temp folder, e.g. `{ MC_CHAT: 'off' }`. */
  env?: Environment
  clock?: Clock
  /** A Luci of the test's own; by default the fake, which has no terminal. */
  luci?: (parts: { db: Database; bell: Bell; clock: Clock; config: Config; url: string }) => Luci
  /** Without: the app can only be injected into. */
  listen?: boolean
}

export type RunningApp<L extends Luci = FakeLuci> = {
  app: FastifyInstance
  /** Where it listens on loopback. */
  url: string
  config: Config
  db: Database
  clock: Clock
  luci: L
  cliToken: string
  agentToken: string
  stop(): Promise<void>
}

/** An api on a temp data folder and a free port; all of it is gone after the test. */
export const startApp = async <L extends Luci = FakeLuci>(
  test: Teardown,
  { env = {}, clock = systemClock, luci: makeLuci, listen = true }: Overrides = {},
): Promise<RunningApp<L>> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mc-app-'))
  const removeDataDir = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  // Before anything can fail: a test may want a start that is refused.
  test.teardown(removeDataDir)
  const port = await freePort()
  const config = readConfig({ MC_DATA_DIR: dataDir, MC_PORT: String(port), ...env }, dataDir)
  const template = process.env.MC_TEST_SQLITE_TEMPLATE
  // The one of the run, already migrated; an app that is started again keeps its own.
  if (template && !config.database.includes('://') && !existsSync(config.database))
    copyFileSync(template, config.database)
  const db = openDatabase(config.database)
  await migrate(db)
  const bell = await openBell(db, clock)
  const url = `http://127.0.0.1:${port}`
  const credentials = createCredentials(db, clock)
  const cliToken = await ensureCredentialFile(credentials, dataDir, 'cli')
  const agentToken = await ensureCredentialFile(credentials, dataDir, 'agent')
  const luci = (makeLuci?.({ db, bell, clock, config, url }) ?? createFakeLuci(db, clock)) as L
  const app = await buildApp({ db, bell, clock, log: silentLog, config, luci, version: VERSION })
  if (listen) await app.listen({ host: '127.0.0.1', port })
  await luci.open()
  let stopped = false
  const stop = async () => {
    if (stopped) return
    stopped = true
    await app.close()
    await luci.close()
    await bell.close()
    await db.close()
    removeDataDir()
  }
  test.teardown(stop)
  return { app, url, config, db, clock, luci, cliToken, agentToken, stop }
}
