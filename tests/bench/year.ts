import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { defaultKeep } from '@mc/core/retention/keep.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { createTestClock } from '../support/clock.ts'
import { liveADay } from '../support/desk-days.ts'

/**
 * `node tests/bench/year.ts [days]`: a year of a desk with the default settings, a day at a time,
 * swept each night. Prints the size of the database file at the end of each month: it must stay
 * flat once items are as old as they get (90 days), but for messages, which are kept for a year. And how long a post
 * waited at most while a night's sweep went on.
 */
const days = Number(process.argv[2] ?? 365)
const aDay = { silenced: 1_000, handled: 60, digests: 12, turns: 12, alerts: 4 }

const folder = await mkdtemp(join(tmpdir(), 'mc-year-'))
const path = join(folder, 'year.db')
const db = openDatabase(path)
await migrate(db)
const clock = createTestClock('2026-01-01T23:00:00.000Z')
const retention = createRetention(db, clock, createRunLogs(folder), defaultKeep)
const inbox = createInbox(db, clock)

const sizes: number[] = []
let longestPostMs = 0
for (let day = 1; day <= days; day++) {
  await liveADay(db, clock, aDay)
  let isSweeping = true
  const posting = (async () => {
    while (isSweeping) {
      const began = performance.now()
      await inbox.post({ source: 'bench', message: 'meanwhile' })
      longestPostMs = Math.max(longestPostMs, performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  const began = performance.now()
  const swept = await retention.sweep()
  isSweeping = false
  await posting
  await db.kysely.deleteFrom('orchestrator_inbox').where('source_type', '=', 'bench').execute()
  if (day % 30 === 0) {
    const mib = statSync(path).size / 1024 / 1024
    sizes.push(mib)
    const gone = `${swept.items} items, ${swept.turns} turns, ${swept.alerts} alerts`
    console.log(
      `day ${String(day).padStart(3)}: ${mib.toFixed(1)} MiB; that night ${gone} in ${Math.round(performance.now() - began)} ms`,
    )
  }
  await clock.advance(86_400_000)
}
const [, , , fourth = 0] = sizes
const last = sizes.at(-1) ?? 0
console.log(`month 4 to the last: × ${(last / fourth).toFixed(2)}`)
console.log(`longest post during a sweep: ${longestPostMs.toFixed(1)} ms`)
await db.close()
await rm(folder, { recursive: true, force: true })
