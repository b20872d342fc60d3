import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { toTask } from '@mc/core/tasks/task.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import t from 'tap'
import { account } from '../support/accounting.ts'
import { seeded } from '../support/calendar-sweep.ts'
import { projectFolder } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const KILLS = 4
const random = seeded(9)

const tasks = `timezone: UTC
tasks:
  - { id: each, cron: '* * * * * *', command: ['true'] }
  - { id: second, cron: '*/2 * * * * *', command: ['false'], overlap: queue }
  - { id: slow, cron: '* * * * * *', command: [sleep, '2.5'], overlap: { allow: 2 } }
  - { id: all, cron: '*/3 * * * * *', command: ['true'], catch_up: all }
`

t.test('a scheduler killed again and again accounts for every second', async (t) => {
  const folder = t.testdir({ 'tasks.yaml': tasks, data: {} })
  const db = openDatabase(join(folder, 'data', 'mission-control.db'))
  t.teardown(() => db.close())
  await migrate(db)
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [join(projectFolder, 'apps/scheduler/main.ts')], {
      env: {
        PATH: process.env.PATH,
        MC_DATA_DIR: join(folder, 'data'),
        MC_TASKS_FILE: join(folder, 'tasks.yaml'),
        MC_LOG_LEVEL: 'warn',
      },
      stdio: 'ignore',
    })
    t.teardown(() => child.kill('SIGKILL'))
    return child
  }
  const count = async (status?: string) => {
    let query = db.kysely.selectFrom('runs').select((eb) => eb.fn.countAll<number>().as('count'))
    if (status) query = query.where('status', '=', status)
    return (await query.executeTakeFirstOrThrow()).count
  }
  const runCount = () => count()
  const okCount = () => count('ok')
  const getOnWithIt = async (more: number) => {
    const before = await runCount()
    await until(`${more} more runs`, async () => (await runCount()) >= before + more, 60_000)
  }

  for (let n = 0; n < KILLS; n++) {
    const child = start()
    await getOnWithIt(1 + Math.floor(random() * 8))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const last = start()
  await getOnWithIt(8)
  // However slow this machine is just now: until some have gone well from beginning to end.
  const before = await okCount()
  await until('runs that go well', async () => (await okCount()) > before + 2, 60_000)
  last.kill('SIGTERM')
  const [code] = await once(last, 'exit')
  t.equal(code, 0)

  const rows = await db.kysely.selectFrom('tasks').selectAll().execute()
  const began = Math.max(...rows.map((row) => Date.parse(row.updated_at)))
  const ended = Math.min(...rows.map((row) => Date.parse(row.last_slot ?? '')))
  const second = (ms: number) => new Date(Math.floor(ms / 1_000) * 1_000)
  // What lies between the last fire of the rarest and the end is not fired by each of them.
  const found = await account(db, rows.map(toTask), second(began), second(ended), 1_000)
  t.comment(`${found.slots} slots, ${found.ranges} ranges, ${JSON.stringify(found.by)}`)
  t.same(found.wrong, [])
  t.ok(found.slots > 15 && found.by.ok)
  t.ok(found.by.interrupted || found.by.missed, 'the kills left a trace')
})
