import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '@mc/api/app.ts'
import { sessionCookie } from '@mc/api/safety/session.ts'
import { createTally } from '@mc/core/audit/tally.ts'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { readConfig } from '@mc/core/config.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { silentLog } from '@mc/core/log.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import { createFakeLuci } from '../support/fake-luci.ts'
import { percentile } from './ratio.ts'

const ITEMS = 1_000_000
const TICKETS = 10_000
const TURNS = 10_000
const ROUNDS = 60

const pages = [
  '/healthz',
  '/',
  '/board',
  '/board?label=disk',
  '/board?text=nothing+has+this',
  '/board?status=done&before=5000',
  '/tickets/MC-5000',
  '/inbox?tab=pending',
  '/inbox?tab=handled',
  '/inbox?tab=handled&before=500003',
  '/inbox',
  '/inbox?tab=silenced',
  '/inbox?tab=silenced&kind=failed',
  '/inbox?tab=handled&text=nothing+has+this',
  '/inbox?tab=handled&source=scheduler/task-7&effect=ticket',
  '/inbox?tab=handled&like=f7',
  '/inbox?tab=pending&cursor=1.999500',
  '/inbox/500000',
  '/report',
  '/search?q=outcome',
  '/search?q=outcome+task+disk',
  '/search?q=999123',
  '/search?q=nothing+like+it',
  '/api/v1/search?q=repl&kind=turn',
  '/schedules',
  '/runs',
  '/alerts',
  '/settings',
  '/api/v1/status',
  '/api/v1/inbox?kind=failed&source=backup',
]

/**
 * Time on the server for each page of a desk long in use, beside /healthz in the same rounds.
 * `cpu` is what of it was work (p95): on a busy machine the rest was waiting for a turn.
 */
export const benchPages = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bench-'))
  const config = readConfig({ MC_DATA_DIR: folder }, folder)
  const db = openDatabase(config.database)
  await migrate(db)
  await seed(db)
  const began = performance.now()
  await createIndexer(db).catchUp()
  console.log(`All words taken in: ${Math.round((performance.now() - began) / 1_000)} s`)
  const counting = performance.now()
  const tally = createTally(db, systemClock)
  while (!(await tally.countOn()));
  console.log(`All items counted by day: ${Math.round(performance.now() - counting)} ms`)
  const bell = await openBell(db, systemClock)
  const luci = createFakeLuci(db, systemClock)
  const parts = { db, bell, clock: systemClock, log: silentLog, config, luci, version: '0' }
  const app = await buildApp(parts)
  try {
    const { token } = await createCredentials(db, systemClock).issue('browser')
    const cookie = `${sessionCookie(config.http)}=${token}`
    const headers = { host: '127.0.0.1:4700', accept: 'text/html', cookie }
    const times = new Map(pages.map((url) => [url, [] as number[]]))
    const work = new Map(pages.map((url) => [url, [] as number[]]))
    const sizes = new Map<string, number>()
    for (let round = -3; round < ROUNDS; round++)
      for (const url of pages) {
        const start = performance.now()
        const before = process.cpuUsage()
        const { statusCode, body } = await app.inject({ url, headers })
        const took = performance.now() - start
        const { user, system } = process.cpuUsage(before)
        if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${body}`)
        // The first rounds warm the caches and the compiler.
        if (round >= 0) times.get(url)?.push(took)
        if (round >= 0) work.get(url)?.push((user + system) / 1_000)
        sizes.set(url, Buffer.byteLength(body))
      }
    console.log(`Pages at ${ITEMS} items, ${TICKETS} tickets, load ${loadavg()[0]?.toFixed(1)}`)
    for (const [url, all] of times)
      console.log(
        `${url.padEnd(44)} p50 ${ms(percentile(all, 0.5))}  p95 ${ms(percentile(all, 0.95))}  cpu ${ms(percentile(work.get(url) ?? [], 0.95))}  ` +
          `${((sizes.get(url) ?? 0) / 1_000).toFixed(0).padStart(4)} kB`,
      )
  } finally {
    await app.close()
    await bell.close()
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const ms = (value: number) => `${value.toFixed(1).padStart(6)} ms`

/** A month of outcomes, a thousand of them waiting; one ticket in ten is open. */
const seed = async (db: Database): Promise<void> => {
  const numbers = (count: number) =>
    sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})`
  const iso = (age: string) =>
    sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || (${sql.raw(age)}) || ' seconds')`
  await sql`
    insert into orchestrator_inbox
      (source_type, source_id, message, priority, status, created_at, processed_at, claim_expires_at,
       kind, fingerprint, detail, verdict, decided_by, reason)
    ${numbers(ITEMS)} select 'scheduler', 'task-' || (i % 40), 'Outcome ' || i || ' of a task', 'normal',
      s, datetime('now', '-' || ((${ITEMS} - i) * 2.6) || ' seconds'),
      iif(s in ('pending', 'claimed'), null, datetime('now', '-' || ((${ITEMS} - i) * 2.6) || ' seconds')),
      iif(s = 'claimed', '2999-01-01 00:00:00', null), iif(i % 10, 'ok', 'failed'), 'f' || (i % 40),
      '{"excerpt":"one line of output"}', 'silent', 'rule:routine', 'Routine success'
    from (select i, iif(i > ${ITEMS} - 1000, 'pending', iif(i > ${ITEMS} - 1050, 'claimed', iif(i % 10, 'ignored', 'processed'))) s from n)`.execute(
    db.kysely,
  )
  await sql`
    insert into tickets (title, body, status, priority, labels, source, created_at, updated_at, closed_at)
    ${numbers(TICKETS)} select 'Ticket ' || i, 'What to do about ' || i, s, 'normal',
      iif(i % 3, '[]', '["disk"]'), 'composer', ${iso('i * 60')}, ${iso('i * 60')},
      iif(s = 'done', ${iso('i * 60')}, null)
    from (select i, iif(i % 10, 'done', case i / 10 % 5 when 0 then 'parked' when 1 then 'todo'
      when 2 then 'doing' when 3 then 'blocked' else 'review' end) s from n)`.execute(db.kysely)
  await sql`
    insert into turns (id, origin, text, state, reply, evidence, created_at, ended_at)
    ${numbers(TURNS)} select printf('%06x', i), 'user', 'Message ' || i, 'answered',
      'A **reply** of a few words to message ' || i, '{}', ${iso('i')}, ${iso('i')} from n`.execute(
    db.kysely,
  )
  await sql`
    insert into runs (id, task_id, ticket_id, trigger, status, queued_at, started_at, ended_at, duration_ms, output)
    ${numbers(100_000)} select printf('%08x', i), 'task-' || (i % 40), iif(i % 10, null, i / 10), 'schedule', 'ok',
      ${iso('i')}, ${iso('i')}, ${iso('i')}, 1200, 'Output' from n`.execute(db.kysely)
  await sql`
    insert into alerts (fingerprint, severity, kind, title, text, state, created_at, due_at, item_id)
    ${numbers(2_000)} select 'f' || i, 'normal', 'failed', 'Alert ' || i, 'Text',
      iif(i % 100, 'resolved', 'sent'), ${iso('i')}, ${iso('i')}, i * 10 from n`.execute(db.kysely)
}
