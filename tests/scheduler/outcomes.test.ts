import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase } from '../support/database.ts'
import { aTask, fixture, schedulerConfig, testScheduler } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const MINUTE_MS = 60_000

const reference = (name: string) => `\${env:${name}}`

/** All items, oldest first. */
const itemsOf = async (db: Database): Promise<Item[]> => {
  const items = await createInbox(db, createTestClock()).claim({ countMax: 100, by: 'test' })
  return items.sort((a, b) => a.id - b.id)
}

onEachDatabase(
  'three failures in a row are counted 1, 2, 3, and a success ends the row',
  async (t, db) => {
    const clock = createTestClock()
    const tasks = createTasks(db, clock)
    const failing = aTask({ command: fixture('fails.ts', '2', 'Error: number 4711 is broken') })
    await tasks.sync([failing])
    const scheduler = await testScheduler(t, db, clock)
    for (let n = 0; n < 4; n++) {
      if (n === 3) await tasks.sync([aTask()])
      await clock.advance(MINUTE_MS)
      await scheduler.step()
      await scheduler.idle()
    }
    const items = await itemsOf(db)
    t.same(
      items.map(({ kind, detail }) => [kind, detail.consecutiveFailures, detail.sameFingerprint]),
      [
        ['failed', 1, 1],
        ['failed', 2, 2],
        ['failed', 3, 3],
        ['ok', 0, 0],
      ],
    )
    t.match(items[0], {
      priority: 'normal',
      fingerprint: /^v1:/,
      detail: { exitCode: 2, cause: /exit code 2: Error: number 4711/, excerpt: /4711/ },
    })
    t.match(items[3]?.message, /works again after 3 failures in 3 min$/)
    t.match(items[3]?.detail.recoveredFrom, { failures: 3, fingerprints: [items[0]?.fingerprint] })
    t.match(await tasks.get('greet'), { consecutiveFailures: 0, failingSince: null })
  },
)

onEachDatabase('a refused credential alerts at once, in the same transaction', async (t, db) => {
  const clock = createTestClock()
  const task = aTask({ credential: 'example-token', command: ['/bin/sh', '-c', 'exit 77'] })
  await createTasks(db, clock).sync([task])
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  const [item] = await itemsOf(db)
  t.match(item, { kind: 'auth', priority: 'critical', fingerprint: 'auth:example-token' })
  t.same(item?.detail.told, ['alert'])
  const [alert] = await db.kysely.selectFrom('alerts').selectAll().execute()
  t.match(alert, {
    severity: 'critical',
    kind: 'auth',
    fingerprint: 'auth:example-token',
    item_id: item?.id ?? 0,
    state: 'queued',
  })
  t.match(await db.kysely.selectFrom('effects').selectAll().execute(), [
    { item_id: item?.id ?? 0, effect: 'alert', ref: String(alert?.id) },
  ])
})

onEachDatabase('a person may write that a refused credential can wait', async (t, db) => {
  const clock = createTestClock()
  const refused = { command: ['/bin/sh', '-c', 'exit 77'] }
  await createTasks(db, clock).sync([
    aTask({ ...refused, id: 'mine' }),
    aTask({ ...refused, id: 'other' }),
  ])
  const match = { source: [], task: ['mine'], tag: [], kind: [], priority: [], text: [] }
  const rule = { name: 'later', match, action: 'ticket', until: null, even: ['auth'], reason: null }
  const file = { hash: '', name: 'f', problems: [], since: '', rules: [rule] }
  await createSettings(db, clock).set('triage_file', file, 'pickup')
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  const told = (await itemsOf(db)).map(({ sourceId, detail }) => [sourceId, detail.told])
  t.same(
    told.sort(([a], [b]) => String(a).localeCompare(String(b))),
    [
      ['mine', undefined],
      ['other', ['alert']],
    ],
  )
  t.match(await db.kysely.selectFrom('alerts').selectAll().execute(), [
    { fingerprint: 'auth:other' },
  ])
})

onEachDatabase('tasks refused the same credential are one alert that lists them', async (t, db) => {
  const clock = createTestClock()
  const tasks = createTasks(db, clock)
  const refused = (id: string, minute: number) =>
    aTask({
      id,
      title: id,
      cron: `${minute} * * * *`,
      credential: 'svc',
      command: ['/bin/sh', '-c', 'exit 77'],
    })
  const first = clock.now().getUTCMinutes() + 1
  await tasks.sync([refused('one', first), refused('two', first + 1), refused('three', first + 1)])
  const scheduler = await testScheduler(t, db, clock)
  const fire = async () => {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
    await scheduler.idle()
    return db.kysely.selectFrom('alerts').selectAll().execute()
  }
  t.match(await fire(), [{ title: 'one: not authorised', occurrences: 1 }])
  // As the sender leaves it: what joins later is for the page.
  await db.kysely.updateTable('alerts').set({ state: 'sent', channel_ref: '7' }).execute()
  const alerts = await fire()
  t.match(alerts, [
    {
      title: 'svc: not authorised (3 tasks)',
      text: /^Tasks: one, three, two\n\n(?:two|three) was refused its credential "svc"/,
      occurrences: 3,
      state: 'sent',
      channel_ref: '7',
    },
  ])
  t.equal(alerts.length, 1)
})

onEachDatabase('an outcome that cannot be posted leaves the run as it was', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask({ command: ['/bin/sh', '-c', 'exit 77'] })])
  await db.kysely.schema.alterTable('effects').renameTo('effects_gone').execute()
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  const tried = async () =>
    (await createRuns(db, clock).list())[0]?.pid && scheduler.inFlightCount() === 1
  await until('the program was started', tried)
  t.match(await createRuns(db, clock).list(), [{ status: 'running', endedAt: null }])
  t.same(await itemsOf(db), [])
  await db.kysely.schema.alterTable('effects_gone').renameTo('effects').execute()
  await until('the outcome is stored at a later try', async () => {
    await clock.advance(2_000)
    return scheduler.inFlightCount() === 0
  })
  t.match(await itemsOf(db), [{ kind: 'auth' }])
})

onEachDatabase('a task that cannot start is an outcome', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([
    aTask({ id: 'missing', command: ['no-such-program-here'] }),
    aTask({ id: 'unset', env: { TOKEN: reference('SURELY_NOT_SET') } }),
  ])
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  const items = await itemsOf(db)
  t.match(
    items.sort((a, b) => (a.sourceId ?? '').localeCompare(b.sourceId ?? '')),
    [
      { kind: 'could_not_start', message: /no-such-program-here/ },
      { kind: 'could_not_start', message: /SURELY_NOT_SET/ },
    ],
  )
})

onEachDatabase('a task over its time limit is ended and told', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([
    aTask({ command: fixture('grandchild.ts'), timeoutMs: 1_500, priority: 'critical' }),
  ])
  const scheduler = await testScheduler(t, db, clock)
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  t.match(await itemsOf(db), [{ kind: 'timeout', priority: 'critical', message: /1.5 s/ }])
})

onEachDatabase('a secret a task was given is in no row', async (t, db) => {
  const clock = createTestClock()
  const program = `console.log('token is ' + process.env.TOKEN); console.error('Error: ' + btoa(process.env.TOKEN)); process.exit(1)`
  await createTasks(db, clock).sync([
    aTask({ command: [process.execPath, '-e', program], env: { TOKEN: reference('THE_TOKEN') } }),
  ])
  const secret = 'correct-horse-battery'
  const scheduler = await testScheduler(t, db, clock, {
    env: { PATH: process.env.PATH, THE_TOKEN: secret },
  })
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  const rows = JSON.stringify([
    await db.kysely.selectFrom('runs').selectAll().execute(),
    await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(),
    await db.kysely.selectFrom('tasks').selectAll().execute(),
  ])
  t.match(rows, /token is \[redacted\]/)
  t.notOk(rows.includes(secret))
  t.notOk(rows.includes(btoa(secret)))
})

onEachDatabase(
  'with direct each failure alerts, the third opens a ticket, and the inbox hears nothing',
  async (t, db) => {
    const clock = createTestClock()
    const tasks = createTasks(db, clock)
    await tasks.sync([aTask({ command: ['false'] })])
    const scheduler = await testScheduler(t, db, clock, { config: schedulerConfig('direct') })
    for (let n = 0; n < 4; n++) {
      if (n === 3) await tasks.sync([aTask()])
      if (n === 3) await db.kysely.updateTable('alerts').set({ sent_at: 'told' }).execute()
      await clock.advance(MINUTE_MS)
      await scheduler.step()
      await scheduler.idle()
      if (n === 1) t.same(await db.kysely.selectFrom('tickets').selectAll().execute(), [])
    }
    t.same(await itemsOf(db), [])
    t.match(await db.kysely.selectFrom('tickets').selectAll().execute(), [
      { source: 'scheduler', title: /Greet/ },
    ])
    t.match(await db.kysely.selectFrom('alerts').selectAll().orderBy('id').execute(), [
      { kind: 'failed', occurrences: 3, state: 'resolved' },
      { kind: 'recovered', title: 'Greet works again' },
    ])
  },
)

onEachDatabase('with both the item says what was told, with its effects', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask({ command: ['false'] })])
  const scheduler = await testScheduler(t, db, clock, { config: schedulerConfig('both') })
  for (let n = 0; n < 3; n++) {
    await clock.advance(MINUTE_MS)
    await scheduler.step()
    await scheduler.idle()
  }
  const items = await itemsOf(db)
  t.same(
    items.map(({ detail }) => detail.told),
    [['alert'], ['alert'], ['alert', 'ticket']],
  )
  const effects = await db.kysely.selectFrom('effects').selectAll().execute()
  t.same(
    effects.map((row) => [row.item_id, row.effect]).sort(),
    [
      [items[0]?.id, 'alert'],
      [items[1]?.id, 'alert'],
      [items[2]?.id, 'alert'],
      [items[2]?.id, 'ticket'],
    ].sort(),
  )
})

onEachDatabase('the switch counts as it stands at each outcome', async (t, db) => {
  const clock = createTestClock()
  await createTasks(db, clock).sync([aTask()])
  const scheduler = await testScheduler(t, db, clock)
  await createSettings(db, clock).set('switch.scheduler', 'direct', 'me')
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  t.same(await itemsOf(db), [])
  await createSettings(db, clock).unset('switch.scheduler')
  await clock.advance(MINUTE_MS)
  await scheduler.step()
  await scheduler.idle()
  t.match(await itemsOf(db), [{ kind: 'ok' }])
})
