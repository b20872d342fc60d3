import type { PickupMode, SchedulerMode } from '@mc/core/config.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from '@mc/scheduler/attempt.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'
import fc from '../support/fast-check.ts'
import { aTask, schedulerConfig } from '../support/tasks.ts'

const MINUTE_MS = 60_000

/** A scheduler and a pickup over one database, whose switches a person sets as it goes. */
const setUp = async (db: Database) => {
  const desk = createTestDesk(db)
  const { clock, settings } = desk
  const outcomes = createOutcomes(db, clock, schedulerConfig())
  const task = aTask()
  await createTasks(db, clock).sync([task])
  const rows = async () => ({
    items: await db.kysely.selectFrom('orchestrator_inbox').selectAll().orderBy('id').execute(),
    alerts: await db.kysely.selectFrom('alerts').selectAll().orderBy('id').execute(),
    tickets: await db.kysely.selectFrom('tickets').selectAll().execute(),
  })
  return {
    rows,
    switchTo: (scheduler: SchedulerMode) => settings.set('switch.scheduler', scheduler, 'person'),
    pickup: (mode: PickupMode) => settings.set('switch.pickup', mode, 'person'),
    drain: desk.drain,
    /** The task ran, a minute later. */
    async end(status: 'ok' | 'failed', code = 2) {
      await clock.advance(MINUTE_MS)
      const run = await createRuns(db, clock).begin({ taskId: task.id, trigger: 'manual' })
      if (!run) throw new Error('The run did not begin')
      const ending = attempt(
        status === 'ok' ? { status } : { status, cause: `exit code ${code}`, code, exitCode: code },
      )
      await outcomes.end(run, task, { ...ending, tries: 1, durationMs: 5 })
    },
    /** The sender delivered what was due. */
    async deliver() {
      const at = clock.now().toISOString()
      await db.kysely
        .updateTable('alerts')
        .set({ state: 'sent', sent_at: at })
        .where('state', '=', 'queued')
        .execute()
    },
  }
}

onEachDatabase(
  'the third failure is one ticket, wherever the switch stood before',
  async (t, db) => {
    const ways: SchedulerMode[][] = [
      ['inbox', 'inbox', 'direct'],
      ['direct', 'direct', 'inbox'],
      ['both', 'inbox', 'both'],
      ['inbox', 'both', 'direct', 'inbox', 'both'],
    ]
    for (const way of ways) {
      for (const table of ['orchestrator_inbox', 'alerts', 'effects', 'ticket_events'] as const)
        await db.kysely.deleteFrom(table).execute()
      for (const table of ['tickets', 'runs', 'tasks', 'workers'] as const)
        await db.kysely.deleteFrom(table).execute()
      const { switchTo, pickup, end, drain, deliver, rows } = await setUp(db)
      await pickup('rules')
      for (const mode of way) {
        await switchTo(mode)
        await end('failed')
        await deliver()
        await drain()
      }
      const { items, alerts, tickets } = await rows()
      t.equal(tickets.length, 1, `${way}: one ticket`)
      t.equal(alerts.length, 1, `${way}: told once`)
      t.ok(items.every(({ status }) => status === 'processed' || status === 'ignored'))
    }
  },
)

onEachDatabase(
  'a task that fails in several ways is one ticket and one alert across the switch',
  async (t, db) => {
    const { switchTo, pickup, end, drain, deliver, rows } = await setUp(db)
    await pickup('rules')
    const failed = async (mode: SchedulerMode, code: number) => {
      await switchTo(mode)
      await end('failed', code)
      await deliver()
      await drain()
    }
    for (const code of [2, 2, 2]) await failed('inbox', code)
    for (const code of [3, 4, 4, 4, 2]) await failed('direct', code)
    for (const code of [5, 5, 5]) await failed('inbox', code)
    const { alerts, tickets } = await rows()
    t.match(tickets, [{ occurrences: 9 }])
    t.equal(tickets.length, 1)
    t.equal(alerts.length, 1)
  },
)

onEachDatabase('switched off nothing is lost, and switched on it drains', async (t, db) => {
  const { pickup, end, drain, deliver, rows } = await setUp(db)
  await pickup('off')
  for (let n = 0; n < 3; n++) await end('failed')
  await end('ok')
  await drain()
  t.same(
    (await rows()).items.map(({ status }) => status),
    Array(4).fill('pending'),
  )
  t.same((await rows()).alerts, [])
  await pickup('rules')
  await drain()
  await deliver()
  const { items, tickets } = await rows()
  t.ok(items.every(({ status }) => status === 'processed' || status === 'ignored'))
  t.equal(tickets.length, 1)
})

onEachDatabase('a recovery follows the failures that still wait in the inbox', async (t, db) => {
  const { switchTo, pickup, end, drain, rows } = await setUp(db)
  await pickup('off')
  await end('failed')
  await switchTo('direct')
  await end('ok')
  const { items } = await rows()
  t.match(items, [{ kind: 'failed' }, { kind: 'ok', detail: /recoveredFrom/ }])
  await pickup('rules')
  await drain()
  await end('failed')
  await end('ok')
  t.equal((await rows()).items.length, 2, 'with nothing waiting, direct posts nothing')
})

t.test('however the switches are set meanwhile, all is told once and nothing waits', async (t) => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('failed', 'ok') },
    { weight: 2, arbitrary: fc.constantFrom('inbox', 'direct', 'both') },
    { weight: 1, arbitrary: fc.constantFrom('rules', 'off') },
    { weight: 2, arbitrary: fc.constant('drain') },
  )
  const db = await sqliteDatabase(t)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      for (const table of ['orchestrator_inbox', 'alerts', 'effects', 'ticket_events'] as const)
        await db.kysely.deleteFrom(table).execute()
      for (const table of ['settings', 'tickets', 'runs', 'tasks', 'workers'] as const)
        await db.kysely.deleteFrom(table).execute()
      const { switchTo, pickup, end, drain, deliver, rows } = await setUp(db)
      await pickup('rules')
      let [failures, longest] = [0, 0]
      for (const one of steps) {
        if (one === 'failed' || one === 'ok') {
          await end(one)
          failures = one === 'ok' ? 0 : failures + 1
          longest = Math.max(longest, failures)
        } else if (one === 'drain') {
          await drain()
          await deliver()
        } else if (one === 'rules' || one === 'off') await pickup(one)
        else await switchTo(one as SchedulerMode)
      }
      await pickup('rules')
      await drain()
      await deliver()
      const { items, alerts, tickets } = await rows()
      if (items.some(({ status }) => status !== 'processed' && status !== 'ignored'))
        throw new Error('an item still waits')
      if (tickets.length !== (longest >= 3 ? 1 : tickets.length) || tickets.length > 1)
        throw new Error(`${tickets.length} tickets after ${longest} in a row`)
      const told = alerts.filter(({ kind }) => kind !== 'recovered')
      const open = told.filter(({ resolved_at: at }) => at === null)
      if (open.length > 1) throw new Error('the same trouble is told twice')
      if (longest > 0 && told.length + tickets.length === 0) throw new Error('nobody was told')
      return true
    }),
    { numRuns: 12 },
  )
  t.pass('12 ways')
})
