import { createRuns } from '@mc/core/runs/runs.ts'
import { askToStop } from '@mc/core/runs/stop.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { keepLimits } from '@mc/core/tasks/limits.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from '@mc/scheduler/attempt.ts'
import type { runTask } from '@mc/scheduler/run-task.ts'
import t, { type Test } from 'tap'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { aTask, testScheduler } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const MINUTE_MS = 60_000

/** A scheduler whose programs end when the test says so. */
const begin = async (test: Test, db: Database, clock: TestClock, tasks: Task[]) => {
  await createTasks(db, clock).sync(tasks)
  return boot(test, db, clock)
}

const boot = async (test: Test, db: Database, clock: TestClock) => {
  const going = new Map<string, () => void>()
  const begun: string[] = []
  const execute: typeof runTask = (_deps, task, _facts, signal) =>
    new Promise((resolve) => {
      begun.push(task.id)
      const end = (status: 'ok' | 'interrupted') => () => {
        going.delete(task.id)
        resolve({ ...attempt({ status }), tries: 1 })
      }
      going.set(task.id, end('ok'))
      signal.addEventListener('abort', end('interrupted'))
    })
  const scheduler = await testScheduler(test, db, clock, { execute })
  /** Ends a run, and waits until that is written down. */
  const finish = async (id: string) => {
    const count = scheduler.inFlightCount()
    going.get(id)?.()
    while (scheduler.inFlightCount() >= count) await new Promise((resolve) => setImmediate(resolve))
    await scheduler.step()
  }
  return { ...scheduler, going, begun, finish }
}

const statuses = async (db: Database, clock: TestClock) =>
  (await createRuns(db, clock).list()).map(({ taskId, status }) => `${taskId} ${status}`).sort()

onEachDatabase('a burst waits for room, is seen, and tasks take turns', async (t, db) => {
  const clock = createTestClock()
  await keepLimits(createSettings(db, clock), { total: 2, tags: {} }, 'test')
  const ids = ['a', 'b', 'c', 'd']
  const scheduler = await begin(
    t,
    db,
    clock,
    ids.map((id) => aTask({ id, overlap: 'queue' })),
  )
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  t.equal(scheduler.inFlightCount(), 2)
  t.equal(scheduler.waitingCount(), 2)
  t.same(await statuses(db, clock), ['a running', 'b running', 'c queued', 'd queued'])
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  t.equal(scheduler.waitingCount(), 4, 'those that run have one more each')
  for (const id of ['a', 'b', 'c', 'd']) await scheduler.finish(id)
  t.same(scheduler.begun, ['a', 'b', 'c', 'd', 'a', 'b'])
})

onEachDatabase('a run that waits and is cancelled never begins', async (t, db) => {
  const clock = createTestClock()
  await keepLimits(createSettings(db, clock), { total: 1, tags: {} }, 'test')
  const tasks = ['a', 'b', 'c'].map((id) => aTask({ id }))
  const scheduler = await begin(t, db, clock, tasks)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  const runs = createRuns(db, clock)
  const [waits] = await runs.list({ task: 'b' })
  await askToStop(db, clock, waits?.id ?? '', 'person')
  t.equal(await runs.start(waits?.id ?? '', 'another scheduler'), null, 'nor does it elsewhere')
  await scheduler.finish('a')
  t.same(scheduler.begun, ['a', 'c'])
  t.match(await runs.get(waits?.id ?? ''), {
    status: 'cancelled',
    cause: 'A person cancelled it before it began',
    startedAt: null,
  })
  t.equal(scheduler.waitingCount(), 0)
  const items = await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()
  t.match(
    items.filter(({ source_id }) => source_id === 'b'),
    [{ kind: 'note', message: 'Greet was cancelled: A person cancelled it before it began' }],
  )
})

t.test('of two runs of a task one is stopped; how it ended first counts', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const task = aTask({ overlap: 'allow', overlapMax: 2 })
  const scheduler = await begin(t, db, clock, [task, aTask({ id: 'other' })])
  for (let n = 0; n < 2; n++) {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
  }
  const runs = createRuns(db, clock)
  const [newer, older] = await runs.list({ task: 'greet' })
  await askToStop(db, clock, newer?.id ?? '', 'person')
  await scheduler.step()
  await until('it ended', async () => (await runs.get(newer?.id ?? '')).endedAt)
  t.match(await runs.get(newer?.id ?? ''), { status: 'cancelled' })
  t.match(await runs.get(older?.id ?? ''), { status: 'running' })
  await scheduler.finish('other')
  const [done] = await runs.list({ task: 'other', status: 'ok' })
  await t.rejects(askToStop(db, clock, done?.id ?? '', 'person'), {
    code: 'conflict',
    message: /has ended: ok/,
  })
})

t.test('a person who stops a run wants no further try of it', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const command = ['/bin/sh', '-c', 'echo ECONNRESET >&2; exit 1']
  await createTasks(db, clock).sync([aTask({ command, retries: 5, cron: '0 * * * *' })])
  await createTasks(db, clock).requestRun('greet', 'me')
  let waits = false
  const sleep: typeof clock.sleep = (ms, signal) => {
    waits = true
    return clock.sleep(ms, signal)
  }
  const scheduler = await testScheduler(t, db, { ...clock, sleep })
  await scheduler.step()
  const runs = createRuns(db, clock)
  const [run] = await runs.list()
  await until('it waits for another try', () => waits)
  await askToStop(db, clock, run?.id ?? '', 'person')
  await scheduler.step()
  await scheduler.idle()
  t.match(await runs.get(run?.id ?? ''), { status: 'cancelled', attempts: 1, exitCode: 1 })
  t.match(await createTasks(db, clock).get('greet'), { consecutiveFailures: 0 })
})

onEachDatabase('a tag has its own limit', async (t, db) => {
  const clock = createTestClock()
  await keepLimits(createSettings(db, clock), { total: null, tags: { disk: 1 } }, 'test')
  const scheduler = await begin(t, db, clock, [
    aTask({ id: 'one', tags: ['disk'] }),
    aTask({ id: 'two', tags: ['disk', 'night'] }),
    aTask({ id: 'free' }),
  ])
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  t.same(await statuses(db, clock), ['free running', 'one running', 'two queued'])
  await scheduler.finish('one')
  t.same(await statuses(db, clock), ['free running', 'one ok', 'two running'])
})

onEachDatabase('with overlap allow so many run beside each other', async (t, db) => {
  const clock = createTestClock()
  const scheduler = await begin(t, db, clock, [aTask({ overlap: 'allow', overlapMax: 2 })])
  for (let n = 0; n < 3; n++) {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
  }
  t.same(await statuses(db, clock), ['greet running', 'greet running', 'greet skipped'])
})

onEachDatabase(
  'after a boot two missed fires are made up for at once, 5 s apart',
  async (t, db) => {
    const clock = createTestClock('2026-03-02T10:30:00.000Z')
    const ids = ['a', 'b', 'c', 'd']
    await createTasks(db, clock).sync(ids.map((id) => aTask({ id, cron: '0 * * * *' })))
    clock.set(new Date('2026-03-02T11:10:00.000Z'))
    const scheduler = await boot(t, db, clock)
    const at = async (ms: number) => {
      clock.set(new Date(Date.parse('2026-03-02T11:10:00.000Z') + ms))
      await scheduler.step()
      return scheduler.begun.join('')
    }
    t.equal(await at(0), '')
    t.equal(await at(29_999), '')
    t.equal(await at(30_000), 'a')
    t.equal(await at(34_999), 'a')
    t.equal(await at(35_000), 'ab')
    t.equal(await at(60_000), 'ab', 'two at once')
    await scheduler.finish('a')
    t.equal(scheduler.begun.join(''), 'abc')
  },
)

t.test('a fire that waits to be made up for is missed when the next one comes', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock('2026-03-02T10:00:10.000Z')
  await createTasks(db, clock).sync([aTask({ cron: '*/5 * * * *' })])
  clock.set(new Date('2026-03-02T10:06:50.000Z'))
  const scheduler = await boot(t, db, clock)
  await scheduler.step()
  t.same(await statuses(db, clock), ['greet queued'])
  clock.set(new Date('2026-03-02T10:10:00.000Z'))
  await scheduler.step()
  t.same(await statuses(db, clock), ['greet missed', 'greet running'])
})

t.test('what waited too long to be made up for is missed', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock('2026-03-02T10:30:00.000Z')
  await createTasks(db, clock).sync([aTask({ cron: '0 * * * *' })])
  clock.set(new Date('2026-03-02T11:29:50.000Z'))
  const scheduler = await boot(t, db, clock)
  await scheduler.step()
  t.same(await statuses(db, clock), ['greet queued'])
  clock.set(new Date('2026-03-02T11:30:20.000Z'))
  await scheduler.step()
  t.match(await createRuns(db, clock).list(), [{ status: 'missed', cause: /no room/ }])
})

t.test('what waits when the task is paused is skipped, a person’s wish is not', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  await keepLimits(createSettings(db, clock), { total: 1, tags: {} }, 'test')
  const scheduler = await begin(t, db, clock, [aTask({ id: 'first' }), aTask({ id: 'greet' })])
  const tasks = createTasks(db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await tasks.pause('greet', { reason: 'enough', by: 'me' })
  await scheduler.finish('first')
  t.match(await createRuns(db, clock).list({ task: 'greet' }), [
    { status: 'skipped', cause: 'me paused it: enough' },
  ])
  await tasks.requestRun('greet', 'me')
  await scheduler.step()
  t.match(await createRuns(db, clock).list({ task: 'greet', limit: 1 }), [
    { status: 'running', trigger: 'manual' },
  ])
})

onEachDatabase('a clock set back fires nothing again, and says so', async (t, db) => {
  const clock = createTestClock()
  const scheduler = await begin(t, db, clock, [aTask()])
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.finish('greet')
  clock.set(new Date('2026-03-02T09:30:00.000Z'))
  t.same(await scheduler.step(), new Date('2026-03-02T10:02:00.000Z'))
  for (const time of ['09:45', '10:00', '10:01', '10:02']) {
    clock.set(new Date(`2026-03-02T${time}:00.000Z`))
    await scheduler.step()
  }
  t.same(
    (await createRuns(db, clock).list()).map(({ slot }) => slot?.slice(11, 16)),
    ['10:02', '10:01'],
  )
  const items = await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()
  t.match(
    items.filter(({ kind }) => kind === 'self_heal'),
    [{ message: /set back by 31 min/ }],
  )
})

onEachDatabase(
  'fires that find only others to be made up for are not passed over',
  async (t, db) => {
    const clock = createTestClock()
    await createTasks(db, clock).sync([aTask({ catchUp: 'all', cron: '*/5 * * * * *' })])
    clock.set(new Date('2026-03-02T10:00:50.000Z'))
    const scheduler = await boot(t, db, clock)
    await scheduler.step()
    // The machine has just booted: nothing is made up for yet, and five more fires come.
    for (let n = 0; n < 5; n++) {
      await clock.advance(5_000)
      await scheduler.step()
    }
    t.same(scheduler.begun, [])
    const runs = (await createRuns(db, clock).list()).reverse()
    t.same(
      runs.filter(({ status }) => status === 'skipped' || status === 'stuck'),
      [],
    )
    const waiting = runs.filter(({ status }) => status === 'queued').map(({ slot }) => slot)
    t.equal(waiting.length, 15)
    t.same(waiting, [...waiting].sort(), 'each has its place among the others')
    await clock.advance(5_000)
    await scheduler.step()
    t.match(await createRuns(db, clock).list({ status: 'running' }), [{ slot: waiting[0] }])
  },
)

t.test('a machine that slept makes up for the latest, and goes on', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const scheduler = await begin(t, db, clock, [aTask({ cron: '*/10 * * * *' })])
  await scheduler.step()
  clock.set(new Date('2026-03-02T14:23:00.000Z'))
  t.same(await scheduler.step(), new Date('2026-03-02T14:30:00.000Z'))
  t.match(await createRuns(db, clock).list(), [
    { status: 'running', slot: '2026-03-02T14:20:00.000Z', trigger: 'catch_up' },
    { status: 'missed', slots: 25, firstSlot: '2026-03-02T10:10:00.000Z' },
  ])
})

t.test(
  'in the hour that clocks repeat an hourly task runs each real hour, and never twice',
  async (t) => {
    const db = await sqliteDatabase(t)
    // 02:20 in Berlin, for the first time; a start inside the hour that comes twice.
    const clock = createTestClock('2026-10-25T00:20:00.000Z')
    const scheduler = await begin(t, db, clock, [
      aTask({ id: 'hourly', cron: '30 * * * *', timezone: 'Europe/Berlin' }),
      aTask({ id: 'daily', cron: '30 2 * * *', timezone: 'Europe/Berlin' }),
    ])
    for (let n = 0; n < 3 * 60; n++) {
      await clock.advance(MINUTE_MS)
      await scheduler.step()
      for (const id of [...scheduler.going.keys()]) await scheduler.finish(id)
    }
    const slots = async (task: string) =>
      (await createRuns(db, clock).list({ task })).map(({ slot }) => slot?.slice(11, 16)).reverse()
    t.same(await slots('hourly'), ['00:30', '01:30', '02:30'])
    t.same(await slots('daily'), ['00:30'])
  },
)
