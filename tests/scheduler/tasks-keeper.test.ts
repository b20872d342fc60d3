import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import type { SchedulerMode } from '@mc/core/config.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { toItem } from '@mc/core/inbox/item.ts'
import { silentLog } from '@mc/core/log.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readLimits } from '@mc/core/tasks/limits.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createTasksKeeper } from '@mc/scheduler/tasks-keeper.ts'
import type { Test } from 'tap'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'
import { schedulerConfig } from '../support/tasks.ts'

const limited = `
limits: { total: 3 }
tasks:
  - { id: a, cron: '@hourly', command: [x] }
`
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
      message: /2 mistakes[\s\S]*did you mean "command"/,
    },
    { sourceId: 'tasks-file', kind: 'ok', priority: 'low' },
  ])
  t.equal(items.length, 2)
})

/** A tasks file that a test edits, and a desk that drains what is said of it. */
const setUp = async (t: Test, db: Database, mode: SchedulerMode = 'inbox') => {
  const path = join(t.testdir({ 'tasks.yaml': good }), 'tasks.yaml')
  const desk = createTestDesk(db)
  const { clock } = desk
  const config = schedulerConfig(mode)
  const keeper = createTasksKeeper({ db, clock, log: silentLog, config, path, name: 'tasks.yaml' })
  const edit = async (text: string) => {
    writeFileSync(path, text)
    await keeper.load()
  }
  await keeper.load()
  return {
    desk,
    edit,
    alerts: createAlerts(db, clock, desk.triage),
    send: () =>
      db.kysely
        .updateTable('alerts')
        .set({ state: 'sent', sent_at: clock.now().toISOString() })
        .where('state', '=', 'queued')
        .execute(),
    items: async () =>
      (await db.kysely.selectFrom('orchestrator_inbox').selectAll().orderBy('id').execute()).map(
        toItem,
      ),
  }
}

for (const mode of ['inbox', 'direct', 'both'] as const)
  onEachDatabase(`${mode}: who was told of mistakes hears once how long`, async (t, db) => {
    const { desk, edit, alerts, send } = await setUp(t, db, mode)
    await edit(bad)
    await desk.drain()
    await send()
    await desk.clock.advance(5 * 60_000)
    await edit(bad.replace('comand', 'commando'))
    await desk.clock.advance(7 * 60_000)
    await edit(good)
    await desk.drain()
    t.match(await alerts.list(), [
      {
        kind: 'recovered',
        title: 'The tasks file tasks.yaml is good again after 12 min',
        text: 'The tasks run as they stand in it now. (ends #1)',
      },
      { fingerprint: 'tasks-file', state: 'resolved' },
    ])
    t.equal((await alerts.list()).length, 2)
  })

onEachDatabase('the end of an alert that never went out is not told', async (t, db) => {
  const { desk, edit, alerts, items } = await setUp(t, db)
  await edit(bad)
  await desk.drain()
  await edit(good)
  await desk.drain()
  t.match(await alerts.list(), [{ fingerprint: 'tasks-file', state: 'resolved' }])
  t.equal((await alerts.list()).length, 1)
  t.match((await items()).at(-1), {
    kind: 'ok',
    priority: 'low',
    status: 'ignored',
    decidedBy: 'rule:recovered',
    reason: 'It works again',
  })
})

for (const drained of [true, false])
  onEachDatabase(
    `mistakes repaired before anybody was told are not told, ${drained ? 'gathered' : 'new'}`,
    async (t, db) => {
      const { desk, edit, alerts, items } = await setUp(t, db)
      await desk.luciIsUp()
      await edit(bad)
      if (drained) await desk.drain()
      await edit(good)
      await desk.drain()
      await desk.clock.advance(60_000)
      await desk.luciIsUp()
      await desk.drain()
      t.match(await items(), [
        { kind: 'failed', status: 'ignored', reason: 'Over before anybody was told: item 2' },
        { kind: 'ok', status: 'ignored' },
      ])
      t.same(await alerts.list(), [])
      t.same(await db.kysely.selectFrom('turns').selectAll().execute(), [], 'and cost no turn')
    },
  )

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

onEachDatabase('an empty file drops no task; an empty list does', async (t, db) => {
  const { desk, edit } = await setUp(t, db)
  const present = async () =>
    (await createTasks(db, desk.clock).list()).filter((task) => task.present).length
  for (const text of ['', '# all gone\n', 'timezone: UTC\n']) {
    await edit(text)
    t.equal(await present(), 2, JSON.stringify(text))
  }
  await edit('tasks: []\n')
  t.equal(await present(), 0)
})

onEachDatabase('limits are kept with the last good set', async (t, db) => {
  const { desk, edit } = await setUp(t, db)
  const limits = () => readLimits(createSettings(db, desk.clock))
  t.same(await limits(), { total: null, tags: {} })
  await edit(limited)
  await edit(bad)
  t.same(await limits(), { total: 3, tags: {} })
  await edit(good)
  t.same(await limits(), { total: null, tags: {} })
})
