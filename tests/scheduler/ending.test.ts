import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { silentLog } from '@mc/core/log.ts'
import { isAlive, processStarted } from '@mc/core/runs/process.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import { createReaper } from '@mc/scheduler/reap.ts'
import { createTogether } from '@mc/scheduler/together.ts'
import t, { type Test } from 'tap'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { aTask, fixture, schedulerConfig, testScheduler } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const runOnce = async (test: Test, db: Database, task: ReturnType<typeof aTask>) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([task])
  const scheduler = await testScheduler(test, db, clock)
  await clock.advance(60_000)
  await scheduler.step()
  await scheduler.idle()
  return (await createRuns(db, clock).list())[0]
}

t.test('a task whose deaf grandchild holds stdout is stopped at its timeout', async (t) => {
  const db = await sqliteDatabase(t)
  const run = await runOnce(t, db, aTask({ command: fixture('grandchild.ts'), timeoutMs: 3_000 }))
  t.match(run, { status: 'timeout', cause: 'Took longer than 3 s and was ended' })
  const grandchild = Number(/^\d+$/m.exec(run?.output ?? '')?.[0])
  t.ok(grandchild > 0)
  await until('the grandchild is gone', () => !isAlive(grandchild))
})

t.test('a task that says nothing for too long is ended, one that talks is not', async (t) => {
  const db = await sqliteDatabase(t)
  t.match(
    await runOnce(t, db, aTask({ command: fixture('lives.ts', 'mute'), noOutputMs: 1_500 })),
    {
      status: 'timeout',
      cause: 'Said nothing for 1.5 s and was ended',
    },
  )
  // A shell begins at once, also where much else is going on.
  const talks = 'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $n; sleep 0.2; done'
  const command = ['sh', '-c', talks]
  const other = await sqliteDatabase(t)
  t.match(await runOnce(t, other, aTask({ command, noOutputMs: 2_500 })), { status: 'ok' })
})

t.test('a program whose scheduler died before it noted the pid is found and ended', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask()])
  const dead = spawn('true')
  await once(dead, 'exit')
  const at = clock.now().toISOString()
  await db.kysely
    .insertInto('workers')
    .values({
      id: 'gone',
      name: 'scheduler',
      pid: dead.pid ?? 0,
      host: hostname(),
      started_at: at,
      beat_at: at,
      doing: '',
    })
    .execute()
  const run = await createRuns(db, clock).begin({
    taskId: 'greet',
    trigger: 'manual',
    workerId: 'gone',
  })
  const [program = '', ...args] = fixture('forever.ts')
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { MC_RUN: run?.id ?? '' },
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await createReaper({
    db,
    clock,
    log: silentLog,
    outcomes: createOutcomes(db, clock, schedulerConfig()),
    workerId: 'me',
  }).reap(0, new AbortController().signal)
  if (process.platform === 'linux')
    await until('it is gone', async () => (await processStarted(child.pid ?? 0)) === null)
  t.match(await createRuns(db, clock).get(run?.id ?? ''), { status: 'interrupted' })
})

onEachDatabase(
  'works of one turn share a transaction, and a bad one fails alone',
  async (t, db) => {
    const together = createTogether(db)
    const set = (name: string) =>
      together(name, async (tx) => {
        await tx.kysely
          .insertInto('settings')
          .values({ name, value: '1', set_by: 'test', set_at: '' })
          .execute()
        return name
      })
    t.same(await Promise.all([set('b'), set('a')]), ['b', 'a'])
    const results = await Promise.allSettled([set('c'), set('a'), set('d')])
    t.same(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    const rows = await db.kysely.selectFrom('settings').select('name').orderBy('name').execute()
    t.same(
      rows.map(({ name }) => name),
      ['a', 'b', 'c', 'd'],
    )
  },
)
