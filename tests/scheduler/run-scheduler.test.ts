import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { runScheduler } from '@mc/scheduler/run-scheduler.ts'
import type { Test } from 'tap'
import { onEachDatabase } from '../support/database.ts'
import { projectFolder, schedulerConfig } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const clock = systemClock

const yearly = (id: string, program: string) =>
  `  - { id: ${id}, cron: '@yearly', command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(program)}] }\n`

/** The whole scheduler in this process, on real time; stopped after the test. */
const start = async (test: Test, db: Database, tasks: string) => {
  const path = join(test.testdir({ 'tasks.yaml': tasks }), 'tasks.yaml')
  const bell = await openBell(db, clock)
  const worker = await createWorkers(db, clock).hello('scheduler')
  const stopping = new AbortController()
  let ready = () => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  const ended = runScheduler(
    {
      db,
      bell,
      clock,
      log: silentLog,
      config: schedulerConfig(),
      env: { PATH: process.env.PATH },
      root: projectFolder,
      workerId: worker.id,
      tasksFile: { path, name: 'tasks.yaml' },
      killAfterMs: 500,
      stopGraceMs: 0,
      onReady: ready,
    },
    stopping.signal,
  )
  const stop = async () => {
    stopping.abort()
    await ended
    await bell.close()
  }
  test.teardown(stop)
  await isReady
  return { path, stop }
}

onEachDatabase('a run asked for in the table begins through the bell', async (t, db) => {
  await start(t, db, `tasks:\n${yearly('now', 'console.log(1)')}`)
  await createTasks(db, clock).requestRun('now', 'me')
  const [run] = await until('the run went well', async () => {
    const runs = await createRuns(db, clock).list({ status: 'ok' })
    return runs.length > 0 ? runs : null
  })
  t.match(run, { taskId: 'now', trigger: 'manual', requestedBy: 'me', output: '1\n' })
})

onEachDatabase(
  'an edit of the tasks file counts without a restart, a bad one changes nothing',
  async (t, db) => {
    const { path } = await start(t, db, `tasks:\n${yearly('one', '1')}`)
    const ids = async () => (await createTasks(db, clock).list()).map((task) => task.id).join()
    t.equal(await ids(), 'one')
    writeFileSync(path, `tasks:\n${yearly('one', '1')}${yearly('two', '2')}`)
    await until('both tasks are there', async () => (await ids()) === 'one,two')
    writeFileSync(path, `tasks:\n${yearly('three', '3')}  - { id: bad }\n`)
    const told = async () =>
      (await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()).length > 0
    await until('the mistake is told', told)
    t.equal(await ids(), 'one,two')
  },
)

onEachDatabase('a pause counts from the next fire on, a resume too', async (t, db) => {
  const everySecond = yearly('tick', '1').replace('@yearly', '* * * * * *')
  const { stop } = await start(t, db, `tasks:\n${everySecond}`)
  const tasks = createTasks(db, clock)
  const runs = createRuns(db, clock)
  await until('it runs', async () => (await runs.list({ status: 'ok' })).length > 0)
  await tasks.pause('tick', { reason: 'enough', by: 'me' })
  const skipped = async () =>
    (await runs.list({ status: 'skipped' })).find((run) => run.cause === 'Paused by me: enough')
  await until('a fire is passed over', skipped)
  const seqs = async () => (await runs.list({ status: 'ok' })).map((run) => run.seq)
  const before = (await seqs())[0] ?? 0
  await tasks.resume('tick', 'me')
  await until('it runs again', async () => ((await seqs())[0] ?? 0) > before)
  await stop()
  t.equal((await runs.open()).length, 0)
})

onEachDatabase('at the end what still runs is ended, and told as interrupted', async (t, db) => {
  const { stop } = await start(t, db, `tasks:\n${yearly('long', 'setInterval(() => {}, 1e6)')}`)
  await createTasks(db, clock).requestRun('long', 'me')
  const runs = createRuns(db, clock)
  await until('its program runs', async () => (await runs.list({ status: 'running' }))[0]?.pid)
  await stop()
  t.match(await runs.list(), [{ status: 'interrupted', cause: 'The scheduler was stopped' }])
  t.match(await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(), [
    { kind: 'interrupted', source_id: 'long' },
  ])
})
