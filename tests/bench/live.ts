/**
 * What an open tab costs the server: connections, bytes, database queries and CPU, for fifty tabs
 * with a stream each (browsers without locks) and for fifty tabs that share one. While nothing
 * happens but the workers' beats, and while a table changes twice a second.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '@mc/api/app.ts'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { readConfig } from '@mc/core/config.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { createFakeLuci } from '../support/fake-luci.ts'
import { countQueries } from './count-queries.ts'

const MEASURED_MS = 10_000
const BEAT_MS = 5_000
const CHANGE_MS = 500

export const benchLive = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bench-'))
  const config = readConfig({ MC_DATA_DIR: folder }, folder)
  const db = openDatabase(config.database)
  await migrate(db)
  const bell = await openBell(db, systemClock)
  const luci = createFakeLuci(db, systemClock)
  const parts = { db, bell, clock: systemClock, log: silentLog, config, luci, version: '0' }
  const app = await buildApp(parts)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const { token } = await createCredentials(db, systemClock).issue('cli')
  const worker = await createWorkers(db, systemClock).hello('pickup')
  const inbox = createInbox(db, systemClock)
  const queries = countQueries(db)

  const measure = async (streams: number, changes: boolean) => {
    const stop = new AbortController()
    let bytes = 0
    const listen = async () => {
      const response = await fetch(`${url}/api/v1/events?as=page`, {
        headers: { authorization: `Bearer ${token}` },
        signal: stop.signal,
      })
      for await (const chunk of response.body ?? []) bytes += chunk.length
    }
    const listeners = Array.from({ length: streams }, () =>
      listen().catch(() => {
        // Ended by us.
      }),
    )
    await systemClock.sleep(1_000)
    const beat = setInterval(() => void worker.beat('nothing'), BEAT_MS)
    const change = changes
      ? setInterval(() => void inbox.post({ source: 'bench', message: 'x' }), CHANGE_MS)
      : undefined
    const before = { bytes, queries: queries(), cpu: process.cpuUsage() }
    await systemClock.sleep(MEASURED_MS)
    const cpu = process.cpuUsage(before.cpu)
    clearInterval(beat)
    clearInterval(change)
    const s = MEASURED_MS / 1_000
    console.log(
      [
        `${changes ? 'changing' : 'idle'}, ${streams} stream${streams === 1 ? '' : 's'}:`.padEnd(
          24,
        ),
        `${((bytes - before.bytes) / s).toFixed(0)} B/s`.padStart(9),
        `${((queries() - before.queries) / s).toFixed(1)} queries/s`.padStart(16),
        `${((cpu.user + cpu.system) / 1e4 / s).toFixed(2)} % CPU`.padStart(14),
      ].join(''),
    )
    stop.abort()
    await Promise.all(listeners)
  }

  console.log('Fifty tabs open (readers and measuring are in the same process):')
  try {
    for (const changes of [false, true])
      for (const streams of [0, 1, 50]) await measure(streams, changes)
  } finally {
    await app.close()
    await bell.close()
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await benchLive()
