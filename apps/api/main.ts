#!/usr/bin/env node
import { runSender } from '@mc/core/alerts/sender.ts'
import { createAttachmentStore } from '@mc/core/attachments/store.ts'
import { runAttachmentSweep } from '@mc/core/attachments/sweep.ts'
import { openBell } from '@mc/core/bell.ts'
import { loadPrices } from '@mc/core/costs/price-file.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { createLuci } from '@mc/core/luci/luci.ts'
import { occupy } from '@mc/core/process/occupy.ts'
import { openStore, prepareFolder } from '@mc/core/process/open-store.ts'
import { runMain } from '@mc/core/process/run-main.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { runIndexer } from '@mc/core/search/run-indexer.ts'
import { buttonsFor } from '@mc/core/telegram/buttons.ts'
import { readVersion } from '@mc/core/version.ts'
import { runDeadMan } from '@mc/core/workers/dead-man.ts'
import { buildApp } from './app.ts'
import { beatUntil } from './beat.ts'
import { listen } from './listen.ts'
import { createNouns } from './nouns.ts'
import { forgetAnswers } from './safety/idempotency.ts'
import { runTelegram } from './telegram/run.ts'

await runMain('api', async ({ env, config, log, signal, clock }) => {
  prepareFolder(config.dataDir)
  const occupied = occupy(config.dataDir, 'api')
  const { db } = await openStore(config)
  const bell = await openBell(db, clock)
  const credentials = createCredentials(db, clock)
  await ensureCredentialFile(credentials, config.dataDir, 'cli')
  await ensureCredentialFile(credentials, config.dataDir, 'agent')
  await ensureCredentialFile(credentials, config.dataDir, 'metrics')
  await credentials.forget(clock.now())
  await forgetAnswers(db, clock.now())

  const { prices, problems } = loadPrices(config.costs)
  if (problems.length > 0) log.warn({ problems }, 'The price list has mistakes')
  const apiUrl = `http://${config.http.host}:${config.http.port}`
  const luci = createLuci({
    db,
    bell,
    clock,
    log: log.child({ part: 'luci' }),
    config: config.luci,
    dataDir: config.dataDir,
    prices,
    apiUrl,
    env,
  })
  const parts = { db, bell, clock, log, config, luci, version: readVersion() }
  const app = await buildApp(parts)
  try {
    await listen(app, config.http)
    await luci.open()
    occupied.at(apiUrl)
    log.info({ url: apiUrl }, 'listening')
    const { repeatIntervalMs } = config.triage
    await Promise.all([
      runIndexer({ indexer: createIndexer(db), bell, clock, log }, signal),
      runTelegram({ ...parts, nouns: createNouns(parts), openPages: app.openPages }, signal),
      // Where both workers are silent, somebody must still deliver the alert that says so.
      runSender(
        {
          db,
          bell,
          clock,
          log,
          telegram: config.telegram,
          alerting: config.alerting,
          ...buttonsFor(db, clock, config.telegram),
          publicUrl: config.http.publicUrl,
        },
        signal,
      ),
      beatUntil(signal, { db, clock, log, doing: () => luci.status().state }),
      runAttachmentSweep(
        {
          db,
          clock,
          log,
          store: createAttachmentStore(config.dataDir),
          settings: config.attachments,
        },
        signal,
      ),
      runDeadMan(
        { db, clock, log, self: 'api', repeatIntervalMs, switches: config.switches },
        signal,
      ),
    ])
  } finally {
    await app.close()
    await luci.close()
    await bell.close()
    await db.close()
    occupied.release()
  }
})
