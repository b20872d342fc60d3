import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import { processStarted } from '@mc/core/runs/process.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { askToStop } from '@mc/core/runs/stop.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import { createReaper } from '@mc/scheduler/reap.ts'
import type { Scheduler } from '@mc/scheduler/scheduler.ts'
import t, { type Test } from 'tap'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { aTask, fixture, schedulerConfig, testScheduler } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const clock = systemClock

const watcher = (over: Partial<Task> = {}): Task =>
  aTask({
    id: 'watcher',
    kind: 'background',
    cron: '',
    command: fixture('lives.ts'),
    timeoutMs: 0,
    restart: 'always',
    ...over,
  })

/** A scheduler with a folder of its own for what it starts; all of that is gone after the test. */
const begin = async (test: Test, db: Database, dataDir: string) => {
  const scheduler = await testScheduler(test, db, clock, {
    env: { PATH: process.env.PATH, MC_DATA_DIR: dataDir },
    logs: createRunLogs(dataDir),
  })
  const reaper = createReaper({
    db,
    clock,
    log: silentLog,
    outcomes: createOutcomes(db, clock, schedulerConfig()),
    workerId: scheduler.workerId,
    hasInHand: scheduler.hasInHand,
    adopt: scheduler.adopt,
  })
  return { ...scheduler, reap: () => reaper.reap(500, new AbortController().signal) }
}

const running = (db: Database, scheduler: Pick<Scheduler, 'step'>, taskId = 'watcher') =>
  until('its program runs', async () => {
    await scheduler.step()
    const [run] = await createRuns(db, clock).list({ status: 'running', task: taskId })
    return run?.processStarted ? run : null
  })

const gone = async (test: Test, pid: number) => {
  test.teardown(() => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  })
}

const ended = (db: Database, scheduler: Pick<Scheduler, 'step'>, id: string) =>
  until('its run has ended', async () => {
    await scheduler.step()
    const run = await createRuns(db, clock).get(id)
    return run.endedAt ? run : null
  })

/** Its worker's process is no more, as far as the table says. */
const bury = (db: Database, workerId: string) =>
  db.kysely
    .updateTable('workers')
    .set({ pid: 2 ** 22 + 1, host: hostname() })
    .where('id', '=', workerId)
    .execute()

onEachDatabase('a program that is to run all the time outlives its scheduler', async (t, db) => {
  const dataDir = t.testdir({})
  await createTasks(db, clock).sync([watcher()])
  const first = await begin(t, db, dataDir)
  const run = await running(db, first)
  const pid = run.pid as number
  await gone(t, pid)
  await first.stop({ graceMs: 0, killAfterMs: 0 })
  await bury(db, first.workerId)
  t.equal(await processStarted(pid), run.processStarted, 'it lives on')

  const second = await begin(t, db, dataDir)
  await second.reap()
  await second.step()
  t.match(await createRuns(db, clock).list(), [{ id: run.id, workerId: second.workerId, pid }])
  const logs = createRunLogs(dataDir)
  const size = (await logs.size(run.id)) ?? 0
  await until('its output is read on', async () => ((await logs.size(run.id)) ?? 0) > size)

  process.kill(-pid, 'SIGKILL')
  const over = await ended(db, second, run.id)
  t.match(over, { status: 'failed', cause: /killed/ })
  const next = await running(db, second)
  await gone(t, next.pid as number)
  t.not(next.pid, pid, 'it was started again')
  t.match(await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(), [
    { kind: 'failed', run_id: run.id },
  ])
})

onEachDatabase('an exit while no scheduler was there is told with its code', async (t, db) => {
  const dataDir = t.testdir({})
  const over = join(dataDir, 'over')
  const program = `console.log('bye'); setInterval(() => fs.existsSync('${over}') && process.exit(3), 20)`
  await createTasks(db, clock).sync([
    watcher({ restart: 'never', command: [process.execPath, '-e', program] }),
  ])
  const first = await begin(t, db, dataDir)
  const run = await running(db, first)
  await first.stop({ graceMs: 0, killAfterMs: 0 })
  await bury(db, first.workerId)
  writeFileSync(over, '')
  await until('it has ended', async () => (await processStarted(run.pid as number)) === null)
  const second = await begin(t, db, dataDir)
  await second.reap()
  t.match(await ended(db, second, run.id), { status: 'failed', exitCode: 3 })
  await second.step()
  t.equal((await createRuns(db, clock).open()).length, 0, 'it is not started again')
})

onEachDatabase('stopped while no scheduler was there, its end is no trouble', async (t, db) => {
  const dataDir = t.testdir({})
  const task = { command: ['sleep', '600'], restart: 'on-failure' as const }
  await createTasks(db, clock).sync([watcher(task), watcher({ ...task, id: 'lost' })])
  const first = await begin(t, db, dataDir)
  const runs = [await running(db, first), await running(db, first, 'lost')]
  for (const { pid } of runs) await gone(t, pid as number)
  await first.stop({ graceMs: 0, killAfterMs: 0 })
  await bury(db, first.workerId)
  for (const { id, pid } of runs) {
    await askToStop(db, clock, id, 'person')
    process.kill(-(pid as number), 'SIGKILL')
    await until('it is dead', async () => (await processStarted(pid as number)) === null)
  }
  // As if the scheduler had died before it could note anything of it.
  const lost = runs[1]?.id ?? ''
  for (const name of readdirSync(join(dataDir, 'background')))
    if (name.startsWith(lost)) rmSync(join(dataDir, 'background', name))
  await db.kysely
    .updateTable('runs')
    .set({ pid: null, process_started: null })
    .where('id', '=', lost)
    .execute()

  const second = await begin(t, db, dataDir)
  await second.reap()
  for (const { id } of runs) {
    const find = () => createRuns(db, clock).get(id)
    // Before its next step.
    const over = await until('its end is told', async () =>
      (await find()).endedAt ? find() : null,
    )
    t.match(over, { status: 'cancelled', cause: 'A person stopped it' })
  }
  await second.step()
  t.equal((await createRuns(db, clock).open()).length, 0, 'it is not started again')
  const told = await db.kysely.selectFrom('orchestrator_inbox').select('kind').execute()
  t.same(told, [{ kind: 'note' }, { kind: 'note' }])
})

t.test('a program without a sign of life is stuck, and started again', async (t) => {
  const db = await sqliteDatabase(t)
  const dataDir = t.testdir({})
  const touches = 'while :; do touch "$MC_BEAT"; sleep 0.1; done'
  await createTasks(db, clock).sync([
    watcher({ command: fixture('lives.ts', 'mute'), beatMs: 1_500 }),
    // A shell begins at once, also where much else is going on.
    watcher({ id: 'touching', command: ['sh', '-c', touches], beatMs: 1_500 }),
  ])
  const scheduler = await begin(t, db, dataDir)
  const mute = await running(db, scheduler)
  await gone(t, mute.pid as number)
  const touching = await running(db, scheduler, 'touching')
  await gone(t, touching.pid as number)
  t.match(await ended(db, scheduler, mute.id), {
    status: 'stuck',
    cause: 'Gave no sign of life for 1.5 s and was ended',
  })
  t.equal(await processStarted(mute.pid as number), null)
  const again = await running(db, scheduler)
  await gone(t, again.pid as number)
  t.not(again.id, mute.id)
  t.match(await createRuns(db, clock).get(touching.id), { status: 'running' })
})

t.test('pause, change and removal end a program; it comes back as it is now', async (t) => {
  const db = await sqliteDatabase(t)
  const dataDir = t.testdir({})
  const tasks = createTasks(db, clock)
  await tasks.sync([watcher()])
  const scheduler = await begin(t, db, dataDir)
  const first = await running(db, scheduler)
  await gone(t, first.pid as number)
  await tasks.sync([watcher({ env: { COLOUR: 'red' } })])
  t.match(await ended(db, scheduler, first.id), {
    status: 'interrupted',
    cause: 'The tasks file changed it',
  })
  const second = await running(db, scheduler)
  await gone(t, second.pid as number)
  await tasks.pause('watcher', { reason: 'moving', by: 'me' })
  t.match(await ended(db, scheduler, second.id), { cause: 'me paused it: moving' })
  await scheduler.step()
  t.equal((await createRuns(db, clock).open()).length, 0)
  await tasks.resume('watcher', 'me')
  const third = await running(db, scheduler)
  await gone(t, third.pid as number)
  await tasks.sync([])
  t.match(await ended(db, scheduler, third.id), { cause: 'The task left the tasks file' })
  await scheduler.step()
  t.equal((await createRuns(db, clock).open()).length, 0)
})

t.test('a program that is not there could not start', async (t) => {
  const db = await sqliteDatabase(t)
  const dataDir = t.testdir({})
  await createTasks(db, clock).sync([
    watcher({ command: ['no-such-program-here'], restart: 'never' }),
  ])
  const scheduler = await begin(t, db, dataDir)
  const [run] = await until('it ended', async () => {
    await scheduler.step()
    const runs = await createRuns(db, clock).list({ status: 'could_not_start' })
    return runs.length > 0 ? runs : null
  })
  t.match(run, { cause: /no such program on PATH/ })
  await until('its files are gone', () => readdirSync(join(dataDir, 'background')).length === 0)
})
