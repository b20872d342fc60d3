import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { aTask, fixture, testScheduler } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const MINUTE_MS = 60_000

/** All items, oldest first. */
const itemsOf = async (db: Database): Promise<Item[]> => {
  const items = await createInbox(db, createTestClock()).claim({ countMax: 100, by: 'test' })
  return items.sort((a, b) => a.id - b.id)
}

onEachDatabase('a task is fired at its time, and its success is a low item', async (t, db) => {
  const clock = createTestClock('2026-03-02T10:00:30.000Z')
  await createTasks(db, clock).sync([aTask({ command: fixture('prints.ts', 'hello') })])
  const scheduler = await testScheduler(t, db, clock)
  t.same(await scheduler.step(), new Date('2026-03-02T10:01:00.000Z'))
  t.equal(scheduler.inFlightCount(), 0)
  await clock.advance(30_000)
  t.same(await scheduler.step(), new Date('2026-03-02T10:02:00.000Z'))
  await scheduler.idle()
  const [run] = await createRuns(db, clock).list()
  t.match(run, {
    taskId: 'greet',
    slot: '2026-03-02T10:01:00.000Z',
    trigger: 'schedule',
    status: 'ok',
    exitCode: 0,
    attempts: 1,
    output: 'hello\n',
    outputDroppedBytes: 0,
  })
  t.match(await itemsOf(db), [
    {
      source: 'scheduler',
      sourceId: 'greet',
      kind: 'ok',
      priority: 'low',
      runId: run?.id ?? '',
      fingerprint: null,
      detail: {
        task: 'greet',
        status: 'ok',
        exitCode: 0,
        excerpt: 'hello',
        consecutiveFailures: 0,
      },
    },
  ])
})

onEachDatabase(
  'a fire that finds the task running is passed over; the third says stuck',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask({ command: fixture('forever.ts') })])
    const scheduler = await testScheduler(t, db, clock)
    for (let n = 0; n < 4; n++) {
      await clock.advance(MINUTE_MS)
      await scheduler.step()
    }
    t.equal(scheduler.inFlightCount(), 1)
    t.same(
      (await itemsOf(db)).map(({ kind, priority, detail }) => [
        kind,
        priority,
        detail.consecutiveFailures,
      ]),
      [
        ['skipped', 'low', 0],
        ['skipped', 'low', 0],
        ['stuck', 'normal', 1],
      ],
    )
    await scheduler.stop({ graceMs: 0, killAfterMs: 0 })
    t.match(await createRuns(db, clock).list({ status: 'interrupted' }), [
      { cause: 'The scheduler was stopped' },
    ])
  },
)

onEachDatabase('with overlap queue one fire waits and runs after', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask({ overlap: 'queue' })])
  const scheduler = await testScheduler(t, db, clock)
  const runs = createRuns(db, clock)
  // The one before, of another scheduler.
  const before = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'other' })
  for (let n = 0; n < 2; n++) {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
  }
  t.same(
    (await runs.list()).map((run) => run.status),
    ['skipped', 'queued', 'running'],
  )
  await runs.end(before?.id ?? '', { status: 'ok' })
  await scheduler.step()
  await scheduler.idle()
  t.match(await runs.list({ status: 'ok', limit: 1 }), [{ slot: '2026-03-02T10:01:00.000Z' }])
})

onEachDatabase('with overlap replace the new fire takes over', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask({ overlap: 'replace', command: fixture('forever.ts') })])
  const scheduler = await testScheduler(t, db, clock)
  const runs = createRuns(db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await until(
    'the first was ended',
    async () => (await runs.list({ status: 'interrupted' })).length === 1,
  )
  await until('the second runs', async () => {
    await scheduler.step()
    return (await runs.list({ status: 'running' }))[0]?.slot === '2026-03-02T10:02:00.000Z'
  })
  t.match(await runs.list({ status: 'interrupted' }), [{ cause: 'Replaced by the next fire' }])
})

onEachDatabase('two schedulers on one database fire each slot once', async (t, db) => {
  const clock = createTestClock()
  const ids = ['a', 'b', 'c', 'd']
  await createTasks(db, clock).sync(ids.map((id) => aTask({ id, command: ['true'] })))
  const schedulers = [await testScheduler(t, db, clock), await testScheduler(t, db, clock)]
  for (let n = 0; n < 3; n++) {
    await clock.advance(MINUTE_MS)
    await Promise.all(schedulers.map((scheduler) => scheduler.step()))
    await Promise.all(schedulers.map((scheduler) => scheduler.idle()))
  }
  const runs = await createRuns(db, clock).list()
  t.equal(runs.length, 12)
  t.equal(new Set(runs.map((run) => `${run.taskId} ${run.slot}`)).size, 12)
  t.ok(runs.every((run) => run.status === 'ok'))
  t.equal((await itemsOf(db)).length, 12)
})

onEachDatabase(
  'after an absence the latest fire runs and the rest are told as one',
  async (t, db) => {
    const clock = createTestClock('2026-03-02T10:00:30.000Z')
    await createTasks(db, clock).sync([aTask({ cron: '0 * * * *' })])
    clock.set(new Date('2026-03-02T13:10:00.000Z'))
    const scheduler = await testScheduler(t, db, clock)
    // Half a minute after the boot, when the machine has settled.
    t.same(await scheduler.step(), new Date('2026-03-02T13:10:30.000Z'))
    t.match(await createRuns(db, clock).list({ status: 'queued' }), [{ trigger: 'catch_up' }])
    await clock.advance(30_000)
    t.same(await scheduler.step(), new Date('2026-03-02T14:00:00.000Z'))
    await scheduler.idle()
    const runs = await createRuns(db, clock).list()
    t.match(runs, [
      { status: 'ok', trigger: 'catch_up', slot: '2026-03-02T13:00:00.000Z' },
      {
        status: 'missed',
        firstSlot: '2026-03-02T11:00:00.000Z',
        slot: '2026-03-02T12:00:00.000Z',
        slots: 2,
      },
    ])
    t.match(await itemsOf(db), [
      { kind: 'missed', detail: { fires: { count: 2, first: '2026-03-02T11:00:00.000Z' } } },
      { kind: 'ok' },
    ])
  },
)

onEachDatabase('the fires of a paused task are recorded, and told to nobody', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  await tasks.sync([aTask()])
  const until = new Date('2026-03-02T10:03:30.000Z')
  await tasks.pause('greet', { reason: 'moving house', until, by: 'person' })
  const scheduler = await testScheduler(t, db, clock)
  for (let n = 0; n < 3; n++) {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
  }
  t.match(await createRuns(db, clock).list(), [
    { status: 'skipped', slots: 3, cause: 'A person paused it: moving house' },
  ])
  t.same(await itemsOf(db), [])
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  t.match(await tasks.get('greet'), { paused: null, lastRun: { status: 'ok' } })
})

onEachDatabase('all tasks can be paused at once', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask(), aTask({ id: 'other' })])
  await createSettings(db, clock).set('paused', true, 'me')
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  const skipped = { status: 'skipped', cause: /^\w+ paused all tasks$/ }
  t.match(await createRuns(db, clock).list(), [skipped, skipped])
})

onEachDatabase('a run asked for begins at once, also while the task is paused', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  await tasks.sync([aTask({ enabled: false })])
  await tasks.pause('greet', { reason: 'x', by: 'me' })
  await tasks.requestRun('greet', 'me')
  const scheduler = await testScheduler(t, db, clock)
  await scheduler.step()
  await scheduler.step()
  await scheduler.idle()
  t.match(await createRuns(db, clock).list(), [
    { trigger: 'manual', slot: null, requestedBy: 'me', status: 'ok' },
  ])
  t.equal((await createRuns(db, clock).list()).length, 1)
  t.equal((await tasks.get('greet')).runRequested, null)
})

onEachDatabase('more than may run at once wait in the queue', async (t, db) => {
  const clock = createTestClock()
  // Each ends only when the file is there.
  const go = join(t.testdir({}), 'go')
  const command = ['/bin/sh', '-c', 'until [ -e "$GO" ]; do sleep 0.05; done']
  const ids = ['a', 'b', 'c']
  await createTasks(db, clock).sync(ids.map((id) => aTask({ id, command, env: { GO: go } })))
  const scheduler = await testScheduler(t, db, clock, { runsAtOnceMax: 1 })
  const runs = createRuns(db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  t.equal((await runs.list({ status: 'running' })).length, 1)
  t.equal((await runs.list({ status: 'queued' })).length, 2)
  writeFileSync(go, '')
  for (let n = 0; n < 2; n++) {
    await scheduler.idle()
    await scheduler.step()
  }
  await scheduler.idle()
  t.equal((await runs.list({ status: 'ok' })).length, 3)
})
