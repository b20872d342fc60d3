import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTasksKeeper } from '@mc/scheduler/tasks-keeper.ts'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { schedulerConfig } from '../support/tasks.ts'

const good = `
tasks:
  - { id: a, cron: '@hourly', command: [x] }
  - { id: b, cron: '@hourly', command: [x] }
`
const bad = `
tasks:
  - { id: a, cron: '@hourly', comand: [x] }
  - { id: c, cron: '61 * * * *', command: [x] }
`

onEachDatabase('a bad edit keeps the last good set, and is told once', async (t, db) => {
  const path = join(t.testdir({ 'tasks.yaml': good }), 'tasks.yaml')
  const clock = createTestClock()
  const keeper = () =>
    createTasksKeeper({
      db,
      clock,
      log: silentLog,
      config: schedulerConfig(),
      path,
      name: 'tasks.yaml',
    })
  const ids = async () => (await createTasks(db, clock).list()).map((task) => task.id)
  t.same(await keeper().load(), { status: 'good', count: 2 })
  writeFileSync(path, bad)
  t.match(await keeper().load(), { status: 'bad', problems: [/:3:/, /:4:/] })
  t.same(await ids(), ['a', 'b'])
  // Again, as after a restart.
  await keeper().load()
  writeFileSync(path, good.replace('id: b', 'id: c'))
  t.same(await keeper().load(), { status: 'good', count: 2 })
  t.same(await ids(), ['a', 'c'])
  const items = await createInbox(db, clock).claim({ countMax: 10, by: 'test' })
  t.match(items, [
    {
      source: 'scheduler',
      sourceId: 'tasks-file',
      kind: 'failed',
      message: /2 mistake\(s\)[\s\S]*did you mean "command"/,
    },
    { sourceId: 'tasks-file', kind: 'ok', priority: 'low' },
  ])
  t.equal(items.length, 2)
})

onEachDatabase('a file that is not there is a mistake, not an empty set', async (t, db) => {
  const path = join(t.testdir({ 'tasks.yaml': good }), 'tasks.yaml')
  const clock = createTestClock()
  const parts = { db, clock, log: silentLog, config: schedulerConfig(), name: 'tasks.yaml' }
  await createTasksKeeper({ ...parts, path }).load()
  t.match(await createTasksKeeper({ ...parts, path: `${path}.gone` }).load(), {
    status: 'bad',
    problems: [/expected a tasks file, got none/],
  })
  t.equal((await createTasks(db, clock).list()).length, 2)
})
