import { createRunHistory } from '@mc/core/runs/history.ts'
import type { RunEnd } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock, type TestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { aTask } from '../../support/tasks.ts'

/** Runs of one task, one each minute. */
const lived = async (db: Database, clock: TestClock, taskId: string, ends: RunEnd[]) => {
  const runs = createRuns(db, clock)
  for (const [n, status] of ends.entries()) {
    const run = await runs.begin({ taskId, trigger: 'manual', workerId: 'w' })
    await runs.end(run?.id ?? '', { status, durationMs: (n + 1) * 100 })
    await clock.advance(60_000)
  }
}

onEachDatabase(
  'the history of a task is narrowed by its end and by time, in pages',
  async (t, db) => {
    const clock = createTestClock('2026-03-02T10:00:00.000Z')
    await lived(db, clock, 'a', ['ok', 'failed', 'ok', 'timeout', 'ok'])
    await lived(db, clock, 'b', ['ok'])
    const history = createRunHistory(db)
    const page = await history.list({ task: 'a', limit: 2 })
    t.match(page, [{ status: 'ok' }, { status: 'timeout' }])
    t.match(await history.list({ task: 'a', before: page[1]?.seq ?? 0, limit: 9 }), [
      { status: 'ok' },
      { status: 'failed' },
      { status: 'ok' },
    ])
    t.equal((await history.list({ task: 'a', status: 'ok', limit: 9 })).length, 3)
    t.match(
      await history.list({
        task: 'a',
        from: new Date('2026-03-02T10:01:00.000Z'),
        to: new Date('2026-03-02T10:03:00.000Z'),
        limit: 9,
      }),
      [{ status: 'ok' }, { status: 'failed' }],
    )
  },
)

onEachDatabase(
  'the last few runs of several tasks are found at once, oldest first',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask({ id: 'a' }), aTask({ id: 'b' }), aTask({ id: 'c' })])
    await lived(db, clock, 'a', ['ok', 'failed', 'ok', 'timeout'])
    await lived(db, clock, 'b', ['ok'])
    const past = await createRunHistory(db).past(['a', 'b', 'c'], 3)
    t.same(past.get('a'), [
      { status: 'failed', durationMs: 200 },
      { status: 'ok', durationMs: 300 },
      { status: 'timeout', durationMs: 400 },
    ])
    t.same(past.get('b'), [{ status: 'ok', durationMs: 100 }])
    t.equal(past.get('c'), undefined)
  },
)

onEachDatabase(
  'a streak counts what went the same way, whatever was skipped between',
  async (t, db) => {
    const clock = createTestClock()
    const history = createRunHistory(db)
    t.equal(await history.streak('a'), null)
    await lived(db, clock, 'a', ['failed', 'ok', 'skipped', 'ok', 'missed'])
    t.same(await history.streak('a'), { kind: 'ok', count: 2, more: false })
    await lived(db, clock, 'a', ['timeout', 'failed', 'auth'])
    t.same(await history.streak('a'), { kind: 'failing', count: 3, more: false })
  },
)

onEachDatabase('totals count also what is no longer kept', async (t, db) => {
  const clock = createTestClock()
  await lived(db, clock, 'a', ['ok', 'failed'])
  await db.kysely
    .insertInto('run_totals')
    .values({ task_id: 'a', status: 'ok', runs: 40, slots: 50, duration_ms: 9, until: 'x' })
    .execute()
  t.same(await createRunHistory(db).totals('a'), {
    runs: 42,
    slots: 52,
    byStatus: { ok: 41, failed: 1 },
  })
})
