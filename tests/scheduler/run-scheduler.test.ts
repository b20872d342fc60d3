import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { silentLog } from '@mc/core/log.ts'
import { processStarted } from '@mc/core/runs/process.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { askToStop } from '@mc/core/runs/stop.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { triage } from '@mc/core/triage/triage.ts'
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
  const dataDir = test.testdir({ 'tasks.yaml': tasks })
  const path = join(dataDir, 'tasks.yaml')
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
      logs: createRunLogs(dataDir),
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
  return { path, dataDir, stop }
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
    (await runs.list({ status: 'skipped' })).find((run) => run.cause === 'me paused it: enough')
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

/** Deaf to TERM, as is the child that it leaves holding its output; says that child's pid. */
const deaf = `
  process.on('SIGTERM', () => {})
  if (process.argv[1] !== 'child') {
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', process.env.SELF, 'child'], { stdio: 'inherit' })
    console.log(child.pid)
  } else console.log('deaf')
  setInterval(() => {}, 1e6)`

onEachDatabase(
  'a person stops a run: all that it started is killed, and it is no failure',
  async (t, db) => {
    const task = `  - id: deaf
    cron: '@yearly'
    command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(deaf)}]
    env: { SELF: ${JSON.stringify(deaf)} }
`
    const { dataDir } = await start(t, db, `tasks:\n${task}`)
    await createTasks(db, clock).requestRun('deaf', 'me')
    const runs = createRuns(db, clock)
    const logs = createRunLogs(dataDir)
    const said = async (id: string) => (await logs.read(id, 0, 1_000))?.text ?? ''
    const run = await until('both are deaf', async () => {
      const [one] = await runs.list({ status: 'running' })
      return one?.pid && /deaf/.test(await said(one.id)) ? one : null
    })
    const child = Number(/^\d+$/m.exec(await said(run.id))?.[0])
    t.match(await askToStop(db, clock, run.id, 'person'), { status: 'running' })
    const ended = await until('it was ended', async () => {
      const now = await runs.get(run.id)
      return now.endedAt === null ? null : now
    })
    t.match(ended, {
      status: 'cancelled',
      cause: 'A person stopped it',
      signal: 'SIGKILL',
      cancelAskedBy: 'person',
    })
    for (const pid of [run.pid ?? 0, child])
      await until('it is gone', async () => (await processStarted(pid)) === null)
    await t.rejects(askToStop(db, clock, run.id, 'person'), { code: 'conflict' }, 'too late')
    t.match(await createTasks(db, clock).get('deaf'), { consecutiveFailures: 0 })
    const [item] = await createInbox(db, clock).claim({ countMax: 1, by: 'test' })
    t.match(item, {
      kind: 'note',
      priority: 'low',
      message: 'deaf was cancelled: A person stopped it',
      detail: { status: 'cancelled' },
    })
    t.match(triage(item as Item), { action: 'silent', rule: 'cancelled' })
  },
)
