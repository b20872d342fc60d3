import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { processStarted } from '@mc/core/runs/process.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import t, { type Test } from 'tap'
import { fixture, projectFolder } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const clock = systemClock

/** The real program, killed after the test whatever happened. */
const start = (test: Test, folder: string): ChildProcess => {
  const child = spawn(process.execPath, [join(projectFolder, 'apps/scheduler/main.ts')], {
    env: {
      PATH: process.env.PATH,
      MC_DATA_DIR: join(folder, 'data'),
      MC_TASKS_FILE: join(folder, 'tasks.yaml'),
      MC_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  test.teardown(() => child.kill('SIGKILL'))
  return child
}

const openData = async (test: Test, folder: string): Promise<Database> => {
  const db = openDatabase(join(folder, 'data', 'mission-control.db'))
  test.teardown(() => db.close())
  await migrate(db)
  return db
}

t.test(
  'a scheduler killed in mid-run is told by the next, once, and its program is ended',
  async (t) => {
    const tasks = `tasks:\n  - { id: long, cron: '@yearly', command: ${JSON.stringify(fixture('forever.ts'))} }\n`
    const folder = t.testdir({ 'tasks.yaml': tasks, data: {} })
    const db = await openData(t, folder)
    const first = start(t, folder)
    const known = async () => (await createTasks(db, clock).find('long')) !== null
    await until('the tasks are loaded', known, 60_000)
    await createTasks(db, clock).requestRun('long', 'me')
    const running = async () => (await createRuns(db, clock).list({ status: 'running' }))[0]
    const run = await until('its program runs', async () => {
      const found = await running()
      return found?.processStarted ? found : null
    })
    first.kill('SIGKILL')
    await once(first, 'exit')
    t.ok(await processStarted(run.pid ?? 0), 'the program outlives its scheduler')

    const second = start(t, folder)
    const told = async () =>
      (await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()).filter(
        (row) => row.kind === 'interrupted',
      )
    await until('the interruption is told', async () => (await told()).length > 0, 60_000)
    t.match(await told(), [{ source_id: 'long', run_id: run.id }])
    t.equal(await processStarted(run.pid ?? 0), null)

    second.kill('SIGTERM')
    const [code] = await once(second, 'exit')
    t.equal(code, 0)
    t.equal((await told()).length, 1)
    const workers = await db.kysely
      .selectFrom('workers')
      .selectAll()
      .orderBy('started_at')
      .execute()
    t.same(
      workers.map((worker) => worker.stopped_at !== null),
      [false, true],
    )
  },
)

t.test('a wrong setting is one clear message and a bad exit code', async (t) => {
  const child = spawn(process.execPath, [join(projectFolder, 'apps/scheduler/main.ts')], {
    env: { PATH: process.env.PATH, MC_SCHEDULER: 'sideways', MC_DATA_DIR: t.testdir({}) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  t.equal(code, 2)
  t.match(stderr, /MC_SCHEDULER: expected one of inbox, direct, both, got "sideways"/)
  t.notMatch(stderr, /at file:/)
})
