import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { NewItem } from '@mc/core/inbox/item.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { nextDueIn } from '@mc/pickup/pick-up.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

const failure = (n: number, over: Partial<NewItem> = {}): NewItem => ({
  source: 'scheduler',
  sourceId: 'backup',
  message: `backup failed with exit code 1`,
  kind: 'failed',
  fingerprint: 'v1:backup',
  ...over,
  detail: {
    task: 'backup',
    cause: 'exit code 1',
    consecutiveFailures: n,
    sameFingerprint: n,
    ...over.detail,
  },
})

const nouns = (desk: TestDesk) => ({
  inbox: createInbox(desk.db, desk.clock),
  tickets: createTickets(desk.db, desk.clock),
  alerts: createAlerts(desk.db, desk.clock, desk.triage),
})

const turnCount = async (db: Database) =>
  (await db.kysely.selectFrom('turns').select('id').execute()).length

onEachDatabase('a routine success is ignored and costs no turn', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts, tickets } = nouns(desk)
  await desk.luciIsUp()
  const { id } = await inbox.post({
    source: 'scheduler',
    message: 'ok',
    kind: 'ok',
    priority: 'low',
  })
  await desk.drain()
  await desk.clock.advance(3_600_000)
  await desk.luciIsUp()
  await desk.drain()
  t.match(await inbox.find(id), {
    status: 'ignored',
    verdict: 'silent',
    decidedBy: 'rule:routine_success',
    reason: /\w+/,
  })
  t.equal(await turnCount(db), 0)
  t.same(await alerts.list(), [])
  t.same(await tickets.list(), [])
})

onEachDatabase('a refused credential alerts at once, critically', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  await desk.luciIsUp()
  const { id } = await inbox.post(failure(1, { kind: 'auth', fingerprint: 'auth:github' }))
  await desk.drain()
  t.match(await alerts.list(), [
    { fingerprint: 'auth:github', severity: 'critical', kind: 'auth', itemId: id, state: 'queued' },
  ])
  t.equal(await turnCount(db), 0)
})

onEachDatabase('an auth alert of the scheduler itself is not repeated', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  const { id } = await inbox.post(failure(1, { kind: 'auth', fingerprint: 'auth:github' }))
  const { alert } = await alerts.raise({
    fingerprint: 'auth:github',
    kind: 'auth',
    title: 'told',
    text: '',
    itemId: id,
  })
  await db.kysely
    .insertInto('effects')
    .values({ item_id: id, effect: 'alert', ref: String(alert.id), at: alert.createdAt })
    .execute()
  await desk.drain()
  t.match(await alerts.list(), [{ title: 'told', occurrences: 1 }])
  t.match(await inbox.find(id), { status: 'processed', verdict: 'alert' })
})

onEachDatabase(
  'three failures in a row open one ticket, and later ones count on it',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox, tickets, alerts } = nouns(desk)
    for (let n = 1; n <= 5; n++) {
      await inbox.post(failure(n))
      await desk.drain()
      await desk.clock.advance(60_000)
    }
    t.match(await tickets.list(), [
      { title: 'backup failed: exit code 1', fingerprint: 'v1:backup', occurrences: 3 },
    ])
    t.equal((await tickets.list()).length, 1)
    t.match(await alerts.list(), [{ fingerprint: 'v1:backup', occurrences: 1 }])
    t.equal((await alerts.list()).length, 1, 'the first time alerted')
  },
)

onEachDatabase(
  'three failures that come before anybody was told are one ticket and one alert',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox, tickets, alerts } = nouns(desk)
    for (const n of [1, 2, 3]) await inbox.post(failure(n))
    await desk.drain()
    t.match(await tickets.list(), [{ fingerprint: 'v1:backup', occurrences: 1 }])
    t.match(await alerts.list(), [{ kind: 'failed', occurrences: 1 }])
    t.equal((await alerts.list()).length, 1)
  },
)

onEachDatabase('a task that fails in three ways in a row opens one ticket', async (t, db) => {
  const desk = createTestDesk(db, { switches: { ...createTestDesk(db).switches, pickup: 'rules' } })
  const { inbox, tickets } = nouns(desk)
  for (let n = 1; n <= 6; n++) {
    const fingerprint = `v1:way-${n % 3}`
    const at = desk.clock.now().toISOString()
    await db.kysely
      .insertInto('runs')
      .values({
        id: `r${n}`,
        task_id: 'backup',
        trigger: 'schedule',
        status: 'failed',
        queued_at: at,
        ended_at: at,
        fingerprint,
      })
      .execute()
    await inbox.post(failure(n, { fingerprint, runId: `r${n}`, detail: { sameFingerprint: 1 } }))
    await desk.drain()
    await desk.clock.advance(60_000)
  }
  t.equal((await tickets.list()).length, 1)
  t.match(await tickets.list(), [{ occurrences: 4 }])
})

onEachDatabase('the third of another program’s failures is a third too', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, tickets, alerts } = nouns(desk)
  for (let n = 1; n <= 3; n++) {
    await inbox.post({ source: 'ci', message: 'build broke', kind: 'failed', fingerprint: 'ci' })
    await desk.drain()
  }
  t.equal((await alerts.list()).length, 1)
  t.match(await tickets.list(), [{ fingerprint: 'ci', occurrences: 1 }])
})

onEachDatabase(
  'a recovery ends the alert, tells who had been told once, and the ticket',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox, tickets, alerts } = nouns(desk)
    for (let n = 1; n <= 3; n++) {
      await inbox.post(failure(n))
      await desk.drain()
    }
    await db.kysely
      .updateTable('alerts')
      .set({ state: 'sent', sent_at: desk.clock.now().toISOString() })
      .execute()
    const since = desk.clock.now().toISOString()
    await desk.clock.advance(2 * 3_600_000)
    const recovery: NewItem = {
      source: 'scheduler',
      sourceId: 'backup',
      message: 'backup ok',
      kind: 'ok',
      priority: 'low',
      detail: {
        task: 'backup',
        recoveredFrom: { fingerprints: ['v1:backup'], failures: 3, since },
      },
    }
    await inbox.post(recovery)
    await inbox.post(recovery)
    await desk.drain()
    t.match(await alerts.list(), [
      { kind: 'recovered', title: 'backup recovered, failed 3 times over 2 h', state: 'queued' },
      { kind: 'failed', state: 'resolved' },
    ])
    t.equal((await alerts.list()).length, 2)
    const [ticket] = await tickets.list()
    const events = await tickets.events(ticket?.id ?? 0)
    t.match(events.at(-1), { kind: 'commented', body: /works again/ })
  },
)

onEachDatabase('nobody hears of the end of what they never heard of', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  await inbox.post({
    source: 'scheduler',
    message: 'ok',
    kind: 'ok',
    detail: { task: 'x', recoveredFrom: { fingerprint: 'v1:x', failures: 1, since: null } },
  })
  await desk.drain()
  t.same(await alerts.list(), [])
})

onEachDatabase('with Luci down the fallback decides, and says so', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts, tickets } = nouns(desk)
  const first = await inbox.post(failure(1))
  const second = await inbox.post(failure(2, { fingerprint: 'v1:other' }))
  const note = await inbox.post({ source: 'cron', message: 'The roof is wet\nsee attic' })
  await desk.drain()
  t.match(await inbox.find(first.id), { verdict: 'alert', decidedBy: 'fallback', reason: /api/ })
  t.match(await inbox.find(second.id), {
    verdict: 'silent',
    decidedBy: 'fallback',
    status: 'ignored',
  })
  t.match(await inbox.find(note.id), { verdict: 'ticket', decidedBy: 'fallback' })
  t.match(await alerts.list(), [{ itemId: first.id }])
  t.match(await tickets.list(), [{ title: 'The roof is wet', body: /see attic/ }])
  t.equal(await turnCount(db), 0)
})

for (const [why, set] of [
  ['Luci was stopped', ['luci.wanted', 'stopped']],
  ['the profile is generic', ['luci.profile', 'generic']],
  ['the chat is off', ['switch.chat', 'off']],
  ['pickup is set to rules', ['switch.pickup', 'rules']],
] as const)
  onEachDatabase(`the fallback decides when ${why}`, async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox } = nouns(desk)
    await desk.luciIsUp()
    await createSettings(db, desk.clock).set(set[0], set[1], 'person')
    const { id } = await inbox.post(failure(1))
    await desk.drain()
    t.match(await inbox.find(id), { decidedBy: 'fallback', verdict: 'alert' })
  })

onEachDatabase(
  'switched off, nothing is drained; switched on again, all of it is',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox } = nouns(desk)
    const settings = createSettings(db, desk.clock)
    await settings.set('switch.pickup', 'off', 'person')
    const { id } = await inbox.post({ source: 'x', message: 'ok', kind: 'ok' })
    await desk.drain()
    t.match(await inbox.find(id), { status: 'pending' })
    t.equal(await nextDueIn(desk, 30_000), 30_000)
    await settings.set('switch.pickup', 'orchestrate', 'person')
    await desk.drain()
    t.match(await inbox.find(id), { status: 'ignored' })
  },
)

onEachDatabase('an item that kills who handles it is set aside with an alert', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  const { id } = await inbox.post(failure(3))
  for (let n = 0; n < 5; n++) {
    t.equal((await inbox.claim({ countMax: 5, by: 'dies' })).length, 1)
    await desk.clock.advance(121_000)
  }
  await desk.drain()
  t.match(await inbox.find(id), { status: 'processed', decidedBy: 'rule:set_aside' })
  t.match(await alerts.list(), [{ kind: 'set_aside', itemId: id }])
})

onEachDatabase('outside text is only text in the ticket', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, tickets } = nouns(desk)
  await inbox.post(
    failure(3, {
      message: 'x\n```\n# Ignore all that\n<script>alert(1)</script>',
      sourceId: 'a`b\nc',
      detail: { excerpt: '\u001b[31mred ghp_abcdefghijklmnopqrstuvwxyz0123456789' },
    }),
  )
  await desk.drain()
  const [ticket] = await tickets.list()
  t.match(ticket?.body, '````\nx\n```\n# Ignore')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  t.notMatch(ticket?.body, /\u001b|ghp_abc/)
})

/** As any script may write them. */
const insert = async (db: Database, ...messages: string[]) => {
  for (const message of messages)
    await db.kysely
      .insertInto('orchestrator_inbox')
      .values({ source_type: 'nas', message })
      .execute()
}

onEachDatabase('plain rows about two disks are two tickets', async (t, db) => {
  const desk = createTestDesk(db)
  await insert(db, 'disk 3 is failing', 'disk 4 is failing')
  await desk.drain()
  t.match(await nouns(desk).tickets.list(), [
    { title: 'disk 4 is failing', occurrences: 1 },
    { title: 'disk 3 is failing', occurrences: 1 },
  ])
})

onEachDatabase('what was counted on a ticket stands there, amounts aside', async (t, db) => {
  const desk = createTestDesk(db)
  const { tickets, inbox } = nouns(desk)
  await insert(db, 'sda is 91 % full', 'sda is 92 % full', 'sda is 92 % full')
  for (const message of ['the pump stops', '\u001b[31mthe fan stops\nsee rack 2'])
    await inbox.post({ source: 'lab', message, fingerprint: 'lab' })
  await desk.drain()
  const [lab, full] = await tickets.list()
  t.match(full, { title: 'sda is 91 % full', occurrences: 3 })
  t.match((await tickets.events(full?.id ?? 0)).slice(1), [
    { kind: 'counted', body: 'Happened 3 times' },
  ])
  t.match(lab, { title: 'the pump stops', occurrences: 2 })
  t.match((await tickets.events(lab?.id ?? 0)).slice(1), [
    { kind: 'counted', body: 'the fan stops' },
  ])
})

onEachDatabase('it sleeps until what comes due first', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox } = nouns(desk)
  t.equal(await nextDueIn(desk, 60_000), 60_000)
  await desk.luciIsUp()
  await inbox.post(failure(1))
  await desk.drain()
  t.equal(await nextDueIn(desk, 60_000), 30_000)
})
