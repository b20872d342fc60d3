import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import { processStarted } from '@mc/core/runs/process.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { askToStop } from '@mc/core/runs/stop.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import { createReaper } from '@mc/scheduler/reap.ts'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { aTask, fixture, schedulerConfig } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const never = new AbortController().signal

const reaperOf = (db: Database, clock: Clock) =>
  createReaper({
    db,
    clock,
    log: silentLog,
    outcomes: createOutcomes(db, clock, schedulerConfig()),
    workerId: 'me',
  })

const addWorker = (db: Database, clock: Clock, id: string, pid: number, host = hostname()) => {
  const at = isoTime(clock.now())
  return db.kysely
    .insertInto('workers')
    .values({ id, name: 'scheduler', pid, host, started_at: at, beat_at: at, doing: '' })
    .execute()
}

/** The pid of a program that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn('true')
  await once(child, 'exit')
  return child.pid ?? 0
}

const itemCount = async (db: Database) =>
  (await db.kysely.selectFrom('orchestrator_inbox').select(['kind']).execute()).map((r) => r.kind)

onEachDatabase('a run of a scheduler whose process is gone is interrupted, once', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask()])
  await addWorker(db, clock, 'gone', await deadPid())
  const run = await createRuns(db, clock).begin({
    taskId: 'greet',
    trigger: 'manual',
    workerId: 'gone',
  })
  const reaped = await Promise.all([
    reaperOf(db, clock).reap(0, never),
    reaperOf(db, clock).reap(0, never),
  ])
  t.equal(reaped.flat().length, 1)
  t.match(await createRuns(db, clock).get(run?.id ?? ''), { status: 'interrupted', cause: /died/ })
  t.same(await itemCount(db), ['interrupted'])
})

onEachDatabase(
  'a run that a person stopped ends as they said, also when its scheduler died first',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask()])
    await addWorker(db, clock, 'gone', await deadPid())
    const runs = createRuns(db, clock)
    const run = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'gone' })
    await askToStop(db, clock, run?.id ?? '', 'person')
    await reaperOf(db, clock).reap(0, never)
    t.match(await runs.get(run?.id ?? ''), { status: 'cancelled', cause: 'A person stopped it' })
    t.same(await itemCount(db), ['note'])
  },
)

onEachDatabase('a living scheduler keeps its runs', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask()])
  await addWorker(db, clock, 'alive', process.ppid)
  await createRuns(db, clock).begin({ taskId: 'greet', trigger: 'manual', workerId: 'alive' })
  t.same(await reaperOf(db, clock).reap(0, never), [])
})

onEachDatabase(
  'a run of another machine is interrupted when its lease has expired',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask()])
    await addWorker(db, clock, 'far', await deadPid(), 'another-machine')
    await createRuns(db, clock).begin({ taskId: 'greet', trigger: 'manual', workerId: 'far' })
    await clock.advance(59_000)
    t.same(await reaperOf(db, clock).reap(0, never), [])
    await clock.advance(2_000)
    t.equal((await reaperOf(db, clock).reap(0, never)).length, 1)
  },
)

onEachDatabase('a delegated ticket is not the scheduler’s to end', async (t, db) => {
  const clock = createTestClock()
  await addWorker(db, clock, 'gone', await deadPid())
  await createRuns(db, clock).begin({ ticketId: 1, trigger: 'delegate', workerId: 'gone' })
  await clock.advance(120_000)
  t.same(await reaperOf(db, clock).reap(0, never), [])
})

onEachDatabase(
  'what a dead scheduler’s program left running is ended, but never another process',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask(), aTask({ id: 'reused' })])
    await addWorker(db, clock, 'gone', await deadPid())
    const start = async (): Promise<ChildProcess & { pid: number }> => {
      const [program = '', ...args] = fixture('forever.ts')
      const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
      t.teardown(() => child.kill('SIGKILL'))
      await once(child.stdout, 'data')
      return child as unknown as ChildProcess & { pid: number }
    }
    const [orphan, stranger] = [await start(), await start()]
    const runs = createRuns(db, clock)
    for (const [taskId, pid, started] of [
      ['greet', orphan.pid, await processStarted(orphan.pid)],
      ['reused', stranger.pid, 'another time'],
    ] as const) {
      const run = await runs.begin({ taskId, trigger: 'manual', workerId: 'gone' })
      await runs.note(run?.id ?? '', { pid, processStarted: started })
    }
    t.equal((await reaperOf(db, clock).reap(0, never)).length, 2)
    await until('the orphan is gone', async () => (await processStarted(orphan.pid)) === null)
    t.ok(await processStarted(stranger.pid))
  },
)
