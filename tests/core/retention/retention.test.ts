import { utimesSync } from 'node:fs'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import type { Clock } from '@mc/core/clock.ts'
import { randomHex } from '@mc/core/ids.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { defaultKeep, type Keep, NEWEST_KEPT } from '@mc/core/retention/keep.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import { createRunHistory } from '@mc/core/runs/history.ts'
import type { RunEnd } from '@mc/core/runs/run.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import type { Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { aTask } from '../../support/tasks.ts'

const DAY_MS = 86_400_000

const setUp = async (t: Test, db: Database, keep: Partial<Keep> = {}) => {
  const clock = createTestClock('2026-01-01T00:00:00.000Z')
  const logs = createRunLogs(t.testdir())
  const runs = createRuns(db, clock)
  const retention = createRetention(db, clock, logs, { ...defaultKeep, ...keep }, async () => {})
  await createTasks(db, clock).sync([aTask({ id: 'a' }), aTask({ id: 'b' })])
  return {
    clock,
    logs,
    sweep: () => retention.sweep(),
    /** A run with a log, ended now. */
    async live(status: RunEnd, { task = 'a', fingerprint = null as string | null } = {}) {
      const run = await runs.begin({ taskId: task, trigger: 'manual', workerId: 'w' })
      const id = run?.id ?? ''
      await runs.end(id, { status, fingerprint, durationMs: 10 })
      const log = logs.open(id)
      log.write('said\n', 'stdout')
      log.end()
      utimesSync(logs.pathOf(id), clock.now(), clock.now())
      return id
    },
    async kept() {
      const rows = await db.kysely.selectFrom('runs').select('id').orderBy('seq').execute()
      return rows.map(({ id }) => id)
    },
    logged: async () => (await Array.fromAsync(logs.list())).map(({ id }) => id),
  }
}

/** Newer runs, so that age alone decides of those before. */
const fill = async (db: Database, clock: Clock, task = 'a', count = NEWEST_KEPT) => {
  const at = clock.now().toISOString()
  const common = { task_id: task, trigger: 'schedule', queued_at: at, ended_at: at }
  await db.kysely
    .insertInto('runs')
    .values(
      Array.from({ length: count }, () => ({ ...common, id: randomHex(8), status: 'skipped' })),
    )
    .execute()
}

onEachDatabase('old runs go with their logs, and stay as totals', async (t, db) => {
  const { clock, live, sweep, kept, logged } = await setUp(t, db)
  await live('ok')
  await live('failed')
  await live('failed')
  await fill(db, clock)
  const before = await createRunHistory(db).totals('a')
  await clock.advance(91 * DAY_MS)
  const fresh = await live('ok')
  t.match(await sweep(), { runs: 4 })
  t.equal((await kept()).length, NEWEST_KEPT, 'the newest stay, whatever their age')
  t.same(await logged(), [fresh], 'logs are kept for a shorter time')
  t.match(await createRunHistory(db).totals('a'), {
    runs: before.runs + 1,
    byStatus: { failed: 2 },
  })
  t.match(await sweep(), { runs: 0, logs: 0, logBytes: 0 })
})

onEachDatabase('of each task only its newest stay', async (t, db) => {
  const { clock, live, sweep, kept } = await setUp(t, db, { runsPerTask: 30 })
  const other = await live('ok', { task: 'b' })
  const first = await live('ok')
  await fill(db, clock, 'a', NEWEST_KEPT + 10)
  t.match(await sweep(), { runs: 6 })
  const ids = await kept()
  t.equal(ids.length, 31)
  t.ok(ids.includes(other))
  t.notOk(ids.includes(first))
})

onEachDatabase('the history of an open problem stays, whatever its age', async (t, db) => {
  const { clock, live, sweep, kept, logged } = await setUp(t, db)
  const [gone, lastGood] = [await live('ok'), await live('ok')]
  await clock.advance(1_000)
  const since = clock.now().toISOString()
  const failed = [await live('failed'), await live('timeout')]
  await db.kysely
    .updateTable('tasks')
    .set({ failing_since: since, consecutive_failures: 2 })
    .where('id', '=', 'a')
    .execute()
  const [ticketed, alerted, told, over] = await Promise.all([
    live('failed', { task: 'b', fingerprint: 'v1:ticket' }),
    live('failed', { task: 'b', fingerprint: 'v1:alert' }),
    live('failed', { task: 'b', fingerprint: 'v1:item' }),
    live('failed', { task: 'b', fingerprint: 'v1:over' }),
  ])
  await createTickets(db, clock).file({ title: 'x', fingerprint: 'v1:ticket' }, { actor: 'me' })
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  await alerts.raise({ fingerprint: 'v1:alert', kind: 'failed', title: 'x', text: '' })
  await createInbox(db, clock).post({ source: 'scheduler', message: 'x', runId: told ?? '' })
  await fill(db, clock, 'b')
  await fill(db, clock)
  await clock.advance(200 * DAY_MS)
  t.match(await sweep(), { runs: 2 })
  const ids = await kept()
  for (const id of [lastGood, ...failed, ticketed, alerted, told]) t.ok(ids.includes(id ?? ''))
  for (const id of [gone, over]) t.notOk(ids.includes(id ?? ''))
  for (const id of [...failed, ticketed, alerted, told])
    t.ok((await logged()).includes(id ?? ''), 'and so does its log')

  // What is over is let go of.
  await createTickets(db, clock).move(1, 'done', { actor: 'me' })
  await sweep()
  t.notOk((await kept()).includes(ticketed ?? ''))
})

onEachDatabase('the oldest logs go when they are too many; strays go', async (t, db) => {
  const { clock, logs, live, sweep, logged } = await setUp(t, db, { logsBytes: 12 })
  const ids: string[] = []
  for (let n = 0; n < 4; n++) {
    ids.push(await live('ok'))
    await clock.advance(60_000)
  }
  for (const [id, age] of [
    ['aaaa', 2],
    ['bbbb', 0],
  ] as const) {
    const log = logs.open(id)
    log.write('x\n', 'stdout')
    log.end()
    const at = new Date(clock.now().getTime() - age * 3_600_000)
    utimesSync(logs.pathOf(id), at, at)
  }
  t.match(await sweep(), { runs: 0, logs: 3, logBytes: 12 })
  t.same((await logged()).sort(), [...ids.slice(2), 'bbbb'].sort())
})

onEachDatabase('what still runs is left alone', async (t, db) => {
  const { clock, sweep, kept } = await setUp(t, db)
  const runs = createRuns(db, clock)
  await runs.begin({ taskId: 'a', trigger: 'manual', workerId: 'w' })
  await runs.begin({ ticketId: 7, trigger: 'delegate' })
  await clock.advance(400 * DAY_MS)
  t.match(await sweep(), { runs: 0 })
  t.equal((await kept()).length, 2)
})
