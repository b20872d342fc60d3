import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { NewItem } from '@mc/core/inbox/item.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { onEachDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

// Real processes on a machine that may be busy with others.
t.setTimeout(300_000)

const main = join(projectRoot, 'apps', 'pickup', 'main.ts')

/** That database where a process of ours looks for it: SQLite has its name in the data folder. */
const inDataFolder = async (t: Test, db: Database): Promise<{ db: Database; dataDir: string }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mc-pickup-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  if (db.dialect === 'postgres') return { db, dataDir }
  const own = openDatabase(join(dataDir, 'mission-control.db'))
  t.teardown(() => own.close())
  await migrate(own)
  return { db: own, dataDir }
}

/** A real pickup process; killed after the test at the latest. */
const startPickup = async (t: Test, db: Database, dataDir: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      MC_LOG_LEVEL: 'warn',
      MC_TELEGRAM_TOKEN: '',
      MC_PICKUP: 'orchestrate',
      MC_DATA_DIR: dataDir,
      DATABASE_URL: db.dialect === 'postgres' ? db.url : '',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (bytes) => (said += bytes))
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
    if (said.includes('"level":50')) t.comment(said)
  })
  return child
}

/** A mix in which every kind of end occurs: silent, ticket, alert, by rule and by fallback. */
const nth = (n: number): NewItem => {
  if (n % 4 !== 1) return { source: 'scheduler', message: 'ok', kind: 'ok', priority: 'low' }
  const name = `${'abcdefghij'[n % 10]}`
  if (n % 5 === 0) return { source: 'cron', message: `please look at ${name}` }
  return {
    source: 'scheduler',
    sourceId: name,
    message: `${name} failed`,
    kind: 'failed',
    priority: n % 7 === 0 ? 'critical' : 'normal',
    fingerprint: `v1:${name}`,
    detail: { task: name, consecutiveFailures: n % 3 === 0 ? 1 : 4 },
  }
}

const post = async (db: Database, count: number) => {
  const inbox = createInbox(db, systemClock)
  await Promise.all(Array.from({ length: count }, (_, n) => inbox.post(nth(n))))
}

const settled = async (db: Database): Promise<number> => {
  const row = await db.kysely
    .selectFrom('orchestrator_inbox')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', 'in', ['processed', 'ignored'])
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Every item ended, and each of its effects happened exactly once. */
const checkAll = async (t: Test, db: Database, count: number) => {
  const rows = await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()
  t.equal(rows.length, count)
  t.same(
    rows.filter((row) => !row.verdict || !row.decided_by || !row.reason),
    [],
    'each says who decided what and why',
  )
  const effects = await db.kysely.selectFrom('effects').selectAll().execute()
  for (const [effect, table] of [
    ['ticket', 'tickets'],
    ['alert', 'alerts'],
  ] as const) {
    const wanted = rows.filter((row) => row.verdict?.split('+').includes(effect)).length
    t.equal(effects.filter((row) => row.effect === effect).length, wanted)
    const counted = await sql<{
      sum: number
    }>`select sum(occurrences) as sum from ${sql.table(table)}`.execute(db.kysely)
    t.equal(Number(counted.rows[0]?.sum), wanted, `${wanted} times ${effect}`)
  }
  return rows
}

onEachDatabase('two pickups drain a backlog together, each item once', async (t, given) => {
  const { db, dataDir } = await inDataFolder(t, given)
  await Promise.all([startPickup(t, db, dataDir), startPickup(t, db, dataDir)])
  await until('both are at their desks', async () => {
    const workers = await db.kysely.selectFrom('workers').select('id').execute()
    return workers.length === 2
  })
  // Each round trip to Postgres costs more on a busy machine.
  const wave = db.dialect === 'sqlite' ? 1_000 : 400
  let count = 0
  const takers = async () => {
    await post(db, wave)
    count += wave
    await until('all are settled', async () => (await settled(db)) === count, 90_000)
    const rows = await db.kysely
      .selectFrom('orchestrator_inbox')
      .select('claimed_by')
      .distinct()
      .execute()
    return rows.length
  }
  // Who is quicker may have all of one wave; in the end both have had their share.
  await until('both have taken part', async () => (await takers()) === 2, 120_000)
  await checkAll(t, db, count)
})

onEachDatabase(
  'a pickup killed in the middle loses nothing and doubles nothing',
  async (t, given) => {
    const { db, dataDir } = await inDataFolder(t, given)
    const first = await startPickup(t, db, dataDir)
    await post(db, 400)
    await until('it is in the middle', async () => (await settled(db)) > 20, 30_000)
    const killed = once(first, 'exit')
    first.kill('SIGKILL')
    await killed
    t.ok((await settled(db)) < 400, 'it was killed in the middle')
    // Its leases end after two minutes; the test does not wait for them.
    await sql`update orchestrator_inbox set claim_expires_at = '2020-01-01 00:00:00.000'
            where status = 'claimed'`.execute(db.kysely)
    await startPickup(t, db, dataDir)
    await until('all are settled', async () => (await settled(db)) === 400, 90_000)
    const rows = await checkAll(t, db, 400)
    t.ok(rows.every((row) => (row.tries ?? 0) <= 1))
  },
)

onEachDatabase('a pickup asked to stop says goodbye and ends well', async (t, given) => {
  const { db, dataDir } = await inDataFolder(t, given)
  const child = await startPickup(t, db, dataDir)
  const workers = () => db.kysely.selectFrom('workers').selectAll().execute()
  await until('it says hello', async () => (await workers()).length === 1)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.match(await workers(), [{ name: 'pickup', stopped_at: /T/ }])
})
