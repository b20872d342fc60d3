import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createDeadMan } from '@mc/core/workers/dead-man.ts'
import { createWorkers, type WorkerName } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { createTestDesk } from '../../support/desk.ts'
import { schedulerConfig } from '../../support/tasks.ts'

const HOURS_4 = 4 * 3_600_000

const setUp = async (db: Database, names: readonly WorkerName[]) => {
  const clock = createTestClock()
  const workers = createWorkers(db, clock)
  const alive = new Map<WorkerName, Awaited<ReturnType<typeof workers.hello>>>()
  for (const name of names) alive.set(name, await workers.hello(name))
  const watch = (self: WorkerName) =>
    createDeadMan({ db, clock, log: silentLog, self, repeatIntervalMs: HOURS_4 })
  const watchers = [watch('api'), watch('scheduler')]
  return {
    clock,
    alive,
    watchers,
    alerts: createAlerts(db, clock, { repeatIntervalMs: HOURS_4 }),
    inbox: createInbox(db, clock),
    /** Time goes on; those in `alive` beat, all watchers look. */
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5_000) {
        await clock.advance(5_000)
        for (const worker of alive.values()) await worker.beat('idle')
        await Promise.all(watchers.map((watcher) => watcher.look()))
      }
    },
  }
}

const items = (db: Database) => db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()

onEachDatabase('a worker that stops beating is told once, however many watch', async (t, db) => {
  const { alive, pass, alerts } = await setUp(db, ['api', 'scheduler', 'pickup'])
  await pass(60_000)
  t.same(await items(db), [])
  alive.delete('scheduler')
  await pass(60_000)
  t.match(await items(db), [
    {
      source_type: 'self_heal',
      source_id: 'scheduler',
      kind: 'self_heal',
      priority: 'critical',
      message: /^scheduler \(pid \d+ on .+\) has not been heard of for \d\d s$/,
    },
  ])
  t.equal((await items(db)).length, 1)
  t.same(await alerts.list(), [], 'pickup reads it and alerts')
})

onEachDatabase('a silent pickup alerts directly, and its return is told', async (t, db) => {
  const { alive, clock, pass, alerts } = await setUp(db, ['api', 'scheduler', 'pickup'])
  alive.delete('pickup')
  await pass(60_000)
  t.match(await alerts.list(), [{ severity: 'critical', title: /pickup has stopped/ }])
  t.equal((await alerts.list()).length, 1)
  await db.kysely
    .updateTable('alerts')
    .set({ state: 'sent', sent_at: clock.now().toISOString() })
    .execute()
  alive.set('pickup', await createWorkers(db, clock).hello('pickup'))
  await pass(30_000)
  t.match(await alerts.list(), [
    { kind: 'recovered', title: 'pickup is back' },
    { state: 'resolved' },
  ])
  t.equal((await alerts.list()).length, 2)
})

onEachDatabase(
  'pickup, back at its desk, does not repeat the alert about itself',
  async (t, db) => {
    const { alive, clock, pass, alerts, inbox } = await setUp(db, ['api', 'scheduler', 'pickup'])
    alive.delete('pickup')
    await pass(30_000)
    const desk = createTestDesk(db)
    desk.clock.set(clock.now())
    await desk.drain()
    const [item] = await items(db)
    t.match(await inbox.find(item?.id ?? 0), { decidedBy: 'rule:silent_worker', verdict: 'alert' })
    t.equal((await alerts.list()).length, 1)
    t.match(await alerts.list(), [{ occurrences: 1 }])
  },
)

onEachDatabase('who said goodbye is not missed, nor who was never there', async (t, db) => {
  const { alive, pass } = await setUp(db, ['api', 'pickup'])
  await alive.get('pickup')?.goodbye()
  alive.delete('pickup')
  await pass(120_000)
  t.same(await items(db), [])
})

onEachDatabase(
  'after a start and after the machine slept, the others get time to beat',
  async (t, db) => {
    const { clock, pass, watchers } = await setUp(db, ['api', 'scheduler', 'pickup'])
    await pass(30_000)
    await clock.advance(8 * 3_600_000)
    for (const watcher of watchers) t.same(await watcher.look(), [])
    const late = createDeadMan({
      db,
      clock,
      log: silentLog,
      self: 'scheduler',
      repeatIntervalMs: HOURS_4,
    })
    t.same(await late.look(), [])
    const told = []
    for (let passed = 0; passed < 25_000; passed += 5_000) {
      await clock.advance(5_000)
      told.push(...(await late.look()))
    }
    t.match(told, [{ name: 'api' }, { name: 'pickup' }])
  },
)

onEachDatabase('whoever is silent is told of, whoever is left to tell it', async (t, db) => {
  const names = ['api', 'scheduler', 'pickup'] as const
  for (const gone of names)
    for (const self of names) {
      if (gone === self) continue
      for (const table of ['workers', 'orchestrator_inbox', 'alerts', 'effects'] as const)
        await db.kysely.deleteFrom(table).execute()
      const { clock, alive } = await setUp(db, names)
      const watcher = createDeadMan({ db, clock, log: silentLog, self, repeatIntervalMs: HOURS_4 })
      alive.delete(gone)
      for (let passed = 0; passed < 30_000; passed += 5_000) {
        await clock.advance(5_000)
        for (const worker of alive.values()) await worker.beat('idle')
        await watcher.look()
      }
      t.match(await items(db), [{ source_id: gone, kind: 'self_heal' }], `${self} sees ${gone}`)
    }
})

onEachDatabase('with nobody to read the inbox, any silence alerts directly', async (t, db) => {
  const { alive, pass, alerts } = await setUp(db, ['api', 'scheduler', 'pickup'])
  alive.delete('pickup')
  alive.delete('api')
  await pass(60_000)
  t.same((await alerts.list()).map(({ title }) => title).sort(), [
    'api has stopped',
    'pickup has stopped: nobody reads the inbox',
  ])
  t.equal((await items(db)).length, 2)
})

onEachDatabase('with pickup switched off a silence alerts directly too', async (t, db) => {
  const { clock, alive, alerts } = await setUp(db, ['api', 'scheduler', 'pickup'])
  await createSettings(db, clock).set('switch.pickup', 'off', 'person')
  const { switches } = schedulerConfig()
  const deps = { db, clock, log: silentLog, self: 'api', repeatIntervalMs: HOURS_4 } as const
  const watcher = createDeadMan({ ...deps, switches })
  alive.delete('scheduler')
  for (let passed = 0; passed < 30_000; passed += 5_000) {
    await clock.advance(5_000)
    for (const worker of alive.values()) await worker.beat('idle')
    await watcher.look()
  }
  t.match(await alerts.list(), [{ title: 'scheduler has stopped', severity: 'critical' }])
})
