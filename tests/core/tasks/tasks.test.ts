import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { aTask } from '../../support/tasks.ts'

onEachDatabase('a new task is due at its next fire, never before', async (t, db) => {
  const tasks = createTasks(db, createTestClock('2026-03-02T10:00:30.000Z'))
  t.same(await tasks.sync([aTask(), aTask({ id: 'off', enabled: false })]), {
    added: ['greet', 'off'],
    changed: [],
    removed: [],
  })
  t.match(await tasks.get('greet'), {
    nextRunAt: '2026-03-02T10:01:00.000Z',
    present: true,
    paused: null,
    consecutiveFailures: 0,
    lastRun: null,
  })
  t.equal((await tasks.get('off')).nextRunAt, null)
})

onEachDatabase('an unchanged task keeps its due time over a restart', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  await tasks.sync([aTask()])
  const before = await tasks.get('greet')
  await clock.advance(3_600_000)
  t.same(await tasks.sync([aTask()]), { added: [], changed: [], removed: [] })
  t.equal((await tasks.get('greet')).nextRunAt, before.nextRunAt)
})

onEachDatabase(
  'a rescheduled task starts anew, an edited one keeps its due time',
  async (t, db) => {
    const clock = createTestClock()
    const tasks = createTasks(db, clock)
    await tasks.sync([aTask()])
    const before = await tasks.get('greet')
    await clock.advance(3_600_000)
    await tasks.sync([aTask({ title: 'Hello' })])
    t.match(await tasks.get('greet'), { title: 'Hello', nextRunAt: before.nextRunAt })
    await tasks.sync([aTask({ cron: '30 * * * *' })])
    t.equal((await tasks.get('greet')).nextRunAt, '2026-03-02T11:30:00.000Z')
  },
)

onEachDatabase('a task that left the file is not listed, and its history stays', async (t, db) => {
  const tasks = createTasks(db, createTestClock())
  await tasks.sync([aTask(), aTask({ id: 'other' })])
  t.same((await tasks.sync([aTask({ id: 'other' })])).removed, ['greet'])
  t.same(
    (await tasks.list()).map((task) => task.id),
    ['other'],
  )
  t.match(await tasks.get('greet'), { present: false, nextRunAt: null })
  await t.rejects(tasks.requestRun('greet', 'me'), { code: 'conflict' })
  t.same((await tasks.sync([aTask(), aTask({ id: 'other' })])).added, ['greet'])
})

onEachDatabase('a task is paused with a reason, and resumed', async (t, db) => {
  const tasks = createTasks(db, createTestClock())
  await tasks.sync([aTask()])
  const until = new Date('2026-03-03T10:00:00.000Z')
  t.match(await tasks.pause('greet', { reason: 'moving house', until, by: 'me' }), {
    paused: { reason: 'moving house', until: until.toISOString(), by: 'me' },
  })
  t.equal((await tasks.resume('greet', 'me')).paused, null)
  await t.rejects(tasks.pause('nobody', { reason: 'x', by: 'me' }), { code: 'not_found' })
})

onEachDatabase('a run asked for twice is asked for once', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  await tasks.sync([aTask()])
  const first = await tasks.requestRun('greet', 'me')
  await clock.advance(1_000)
  t.match(await tasks.requestRun('greet', 'you'), { runRequested: first.runRequested })
})

onEachDatabase('a secret written into the file is not shown; a reference is', async (t, db) => {
  const tasks = createTasks(db, createTestClock())
  const reference = `\${env:API_TOKEN}`
  await tasks.sync([
    aTask({ env: { TOKEN: 'plainly-written', OTHER_TOKEN: reference, LEVEL: 'high' } }),
  ])
  t.same((await tasks.get('greet')).env, {
    TOKEN: '[redacted]',
    OTHER_TOKEN: reference,
    LEVEL: 'high',
  })
  const command = [
    'curl',
    '-H',
    'Authorization: Bearer abcdefgh12345678',
    'https://me:hunter2@x.example/',
  ]
  await tasks.sync([aTask({ command })])
  t.same((await tasks.get('greet')).command, [
    'curl',
    '-H',
    'Authorization: Bearer [redacted]',
    'https://[redacted]@x.example/',
  ])
})

onEachDatabase('tasks are found by name, tag and state, the failing first', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  await tasks.sync([
    aTask({ id: 'backup', title: 'Nightly 100 %', tags: ['machine', 'night'], cron: '0 3 * * *' }),
    aTask({ id: 'mail', title: 'Mail', tags: ['mach'] }),
    aTask({ id: 'off', title: 'Off', enabled: false }),
    aTask({ id: 'web', title: 'Web', cron: '0 4 * * *' }),
  ])
  await tasks.pause('mail', { reason: 'x', until: new Date('2026-03-02T11:00:00Z'), by: 'me' })
  await db.kysely
    .updateTable('tasks')
    .set({ consecutive_failures: 2 })
    .where('id', '=', 'web')
    .execute()
  const ids = async (filter: object) =>
    (await tasks.urgent({ ...filter, offset: 0, limit: 9 })).tasks.map((task) => task.id)
  t.same(await ids({}), ['web', 'backup', 'off', 'mail'])
  t.same(await ids({ q: '0 %' }), ['backup'])
  t.same(await ids({ q: 'MAI' }), ['mail'])
  t.same(await ids({ tag: 'mach' }), ['mail'])
  t.same(await ids({ state: 'failing' }), ['web'])
  t.same(await ids({ state: 'paused' }), ['mail'])
  t.same(await ids({ state: 'disabled' }), ['off'])
  t.same(await ids({ state: 'running' }), [])
  t.same(await tasks.tags(), ['mach', 'machine', 'night'])
  t.same(await tasks.summary(), {
    total: 4,
    failing: ['web'],
    paused: 1,
    next: { id: 'backup', at: '2026-03-03T03:00:00.000Z' },
  })
  t.match(await tasks.urgent({ offset: 1, limit: 1 }), { tasks: [{ id: 'backup' }], count: 4 })
  t.match(await tasks.page({ after: 'mail', limit: 1 }), [{ id: 'off' }])
  await clock.advance(3 * 3_600_000)
  t.match(await tasks.get('mail'), { paused: null }, 'its end has come')
  t.equal((await tasks.summary()).paused, 0)
})
