import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { ItemKind, NewItem } from '@mc/core/inbox/item.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { tellOfCalm } from '@mc/pickup/calm.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

const person = { actor: 'person' }
const MINUTE = 60_000
const DAY = 86_400_000

const nouns = (desk: TestDesk) => ({
  inbox: createInbox(desk.db, desk.clock),
  tickets: createTickets(desk.db, desk.clock),
  alerts: createAlerts(desk.db, desk.clock, desk.triage),
})

/** That went well, and of which nobody heard. */
const runsOf = (db: Database, task: string, count: number) =>
  db.kysely
    .insertInto('runs')
    .values(
      Array.from({ length: count }, (_, n) => ({
        id: `${task}-well-${n}`,
        task_id: task,
        trigger: 'schedule',
        status: 'ok',
        queued_at: '2026-03-02T20:00:00.000Z',
        ended_at: '2026-03-02T20:00:00.000Z',
      })),
    )
    .execute()

/** A task's runs as the scheduler tells them: each with its row, its counts and its item. */
const taskOf = (desk: TestDesk, task: string) => {
  const { inbox } = nouns(desk)
  const state = { n: 0, failures: 0, since: '' }
  return async (kind: ItemKind, over: Partial<NewItem> = {}) => {
    state.n += 1
    const failed = kind !== 'ok'
    const at = desk.clock.now().toISOString()
    if (failed && state.failures === 0) state.since = at
    const recoveredFrom =
      !failed && state.failures > 0
        ? { fingerprints: [`v1:${task}`], failures: state.failures, since: state.since }
        : null
    state.failures = failed ? state.failures + 1 : 0
    const runId = `${task}-${state.n}`
    const fingerprint = failed ? `v1:${task}` : null
    const run = { id: runId, task_id: task, trigger: 'schedule', status: kind, fingerprint }
    await desk.db.kysely
      .insertInto('runs')
      .values({ ...run, queued_at: at, ended_at: at })
      .execute()
    const { id } = await inbox.post({
      source: 'scheduler',
      sourceId: task,
      message: `${task}: ${kind}`,
      kind,
      runId,
      ...(fingerprint ? { fingerprint } : {}),
      ...over,
      detail: {
        task,
        consecutiveFailures: state.failures,
        sameFingerprint: state.failures,
        ...(recoveredFrom ? { recoveredFrom } : {}),
      },
    })
    await desk.drain()
    // What is queued has been sent a moment later.
    await desk.db.kysely
      .updateTable('alerts')
      .set({ state: 'sent', sent_at: desk.clock.now().toISOString() })
      .where('state', '=', 'queued')
      .execute()
    await desk.clock.advance(MINUTE)
    return id
  }
}

onEachDatabase(
  'what flaps is one ticket and one alert, and its end is told once',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { alerts, tickets, inbox } = nouns(desk)
    const run = taskOf(desk, 'wifi')
    for (let n = 0; n < 4; n++) {
      await run('failed')
      await run('ok')
    }
    const before = (await alerts.list()).length
    let last = 0
    for (let n = 0; n < 3; n++) {
      last = await run('failed')
      await run('ok')
    }
    t.match(await inbox.find(last), { decidedBy: 'rule:flapping', verdict: 'alert+ticket' })
    const [ticket, ...others] = await tickets.list()
    t.same(others, [])
    t.match(ticket, { title: 'wifi keeps failing and recovering', occurrences: 3 })
    const events = await tickets.events(ticket?.id ?? 0)
    t.notOk(
      events.some(({ kind }) => kind === 'commented'),
      'no comment for every turn',
    )
    const flapping = (await alerts.list()).filter(({ title }) => /keeps failing/.test(title))
    t.equal(flapping.length, 1)
    t.equal((await alerts.list()).length, before + 1, 'no message for every turn')
    await tellOfCalm(desk)
    t.match(await alerts.get(flapping[0]?.id ?? 0), { state: 'sent' }, 'it still flaps')
    await runsOf(db, 'wifi', 21)
    await tellOfCalm(desk)
    await tellOfCalm(desk)
    t.match(await alerts.get(flapping[0]?.id ?? 0), { state: 'resolved' })
    t.equal((await alerts.list()).filter(({ title }) => /^Calm again/.test(title)).length, 1)
    t.match((await tickets.events(ticket?.id ?? 0)).at(-1), { body: /Calm again/ })
  },
)

onEachDatabase('a flood of numbered rows is one ticket', async (t, db) => {
  const desk = createTestDesk(db)
  const { tickets, inbox } = nouns(desk)
  for (let n = 1; n <= 60; n++) await inbox.post({ source: 'loop', message: `item ${n}` })
  await inbox.post({ source: 'other', message: 'item 1' })
  await desk.drain()
  t.match(await tickets.list(), [
    { title: 'item 1', occurrences: 1 },
    { title: 'loop floods the inbox', occurrences: 60 },
  ])
  t.equal((await tickets.list()).length, 2)
  await desk.clock.advance(15 * MINUTE)
  const { id } = await inbox.post({ source: 'loop', message: 'item 61' })
  await desk.drain()
  t.match(await inbox.find(id), { decidedBy: 'rule:flood', reason: /One more of the flood/ })
  await desk.clock.advance(DAY)
  await inbox.post({ source: 'loop', message: 'item 62' })
  await desk.drain()
  t.match((await tickets.list())[0], { title: 'item 62' }, 'a day later it is news again')
})

onEachDatabase('many that a monitor says are down at once are one alert', async (t, db) => {
  const desk = createTestDesk(db)
  const { tickets, alerts, inbox } = nouns(desk)
  for (let n = 1; n <= 12; n++)
    await inbox.post({
      source: 'webhook',
      sourceId: 'prod',
      message: `host-${n} is down`,
      kind: 'failed',
      detail: { webhook: 'prod' },
    })
  await desk.drain()
  const told = await alerts.list()
  t.match(told, [{ title: 'prod says that many fail at once', occurrences: 12 }])
  t.equal(told.length, 1)
  t.match(await tickets.list(), [{ occurrences: 12 }])
})

onEachDatabase('a machine that was off is one ticket, whatever it missed', async (t, db) => {
  const desk = createTestDesk(db)
  const { tickets, inbox } = nouns(desk)
  for (let n = 1; n <= 12; n++)
    await inbox.post({
      source: 'scheduler',
      sourceId: `task-${n}`,
      message: `task-${n} missed 9 fires`,
      kind: 'missed',
      fingerprint: `v1:missed-${n}`,
      detail: { task: `task-${n}`, fires: { count: 9 } },
    })
  await desk.drain()
  t.match(await tickets.list(), [
    { title: 'Many tasks missed their fires at once', occurrences: 12 },
  ])
  t.equal((await tickets.list()).length, 1)
})

for (const [how, change] of [
  ['won’t fix', { status: 'done', resolution: 'wont_fix' }],
  ['cancelled', { status: 'cancelled' }],
] as const)
  onEachDatabase(`${how} mutes a trouble for a week, and then it is filed anew`, async (t, db) => {
    const desk = createTestDesk(db)
    const { tickets, alerts, inbox } = nouns(desk)
    const run = taskOf(desk, 'scan')
    for (let n = 0; n < 3; n++) await run('failed')
    const [ticket] = await tickets.list()
    await tickets.change(ticket?.id ?? 0, change, person)
    const told = (await alerts.list()).length
    await desk.clock.advance(2 * DAY)
    t.match(await inbox.find(await run('failed')), {
      status: 'ignored',
      decidedBy: 'rule:wont_fix',
      reason: /MC-1 was closed on purpose; muted until/,
    })
    t.equal((await alerts.list()).length, told)
    t.match(await tickets.list(), [{ id: ticket?.id, status: change.status }])
    await desk.clock.advance(6 * DAY)
    await run('failed')
    t.match(await tickets.list(), [{ status: 'todo', occurrences: 1 }, { id: ticket?.id }])
  })

onEachDatabase('a ticket that was closed while it fails is opened again', async (t, db) => {
  const desk = createTestDesk(db)
  const { tickets } = nouns(desk)
  const run = taskOf(desk, 'scan')
  for (let n = 0; n < 3; n++) await run('failed')
  const [ticket] = await tickets.list()
  await tickets.change(ticket?.id ?? 0, { status: 'done', resolution: 'fixed' }, person)
  await run('failed')
  t.match(await tickets.list(), [{ id: ticket?.id, status: 'todo', occurrences: 2 }])
})

onEachDatabase(
  'what was acknowledged and still fails is told again after a day, once',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { alerts, inbox } = nouns(desk)
    const run = taskOf(desk, 'scan')
    for (let n = 0; n < 3; n++) await run('failed')
    const [alert] = await alerts.list()
    await alerts.acknowledge(alert?.id ?? 0, 'person')
    await desk.clock.advance(DAY - 10 * MINUTE)
    t.match(await inbox.find(await run('failed')), { decidedBy: 'rule:repeated_failure' })
    await desk.clock.advance(10 * MINUTE)
    t.match(await inbox.find(await run('failed')), { decidedBy: 'rule:still_failing' })
    t.match(await inbox.find(await run('failed')), { decidedBy: 'rule:repeated_failure' })
    t.match(await alerts.list(), [{ id: alert?.id, state: 'sent', repeats: 1 }])
    t.equal((await alerts.list()).length, 1)
  },
)

onEachDatabase(
  'others who were refused one credential are one alert that lists them',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { alerts, inbox } = nouns(desk)
    for (let n = 1; n <= 20; n++)
      await inbox.post({
        source: 'ci',
        sourceId: `job-${n}`,
        message: '401 from the registry',
        kind: 'auth',
        detail: { credential: 'registry', task: `job-${n}` },
      })
    await desk.drain()
    const [alert, ...others] = await alerts.list()
    t.same(others, [])
    t.match(alert, { title: 'registry: not authorised (20 tasks)', occurrences: 20 })
    t.match(alert?.text, /^Tasks: job-1, job-10, .*job-9\n/)
  },
)

const task = async (db: Database, id: string, fingerprint: string | null) =>
  db.kysely
    .insertInto('tasks')
    .values({
      id,
      definition: '{}',
      present: 1,
      last_fingerprint: fingerprint,
      updated_at: '2026-03-02T10:00:00.000Z',
    })
    .execute()

onEachDatabase(
  'the alert of a credential ends with the last task that is refused it',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { alerts, inbox } = nouns(desk)
    await task(db, 'a', null)
    await task(db, 'b', 'auth:github')
    const { alert } = await alerts.raise({
      fingerprint: 'auth:github',
      severity: 'critical',
      kind: 'auth',
      title: 'github: not authorised (2 tasks)',
      text: 'Tasks: a, b',
    })
    await db.kysely
      .updateTable('alerts')
      .set({ state: 'sent', sent_at: desk.clock.now().toISOString() })
      .execute()
    const worksAgain = async (id: string) => {
      const recoveredFrom = { fingerprints: ['auth:github'], failures: 2, since: null }
      await inbox.post({
        source: 'scheduler',
        sourceId: id,
        message: 'ok',
        kind: 'ok',
        detail: { task: id, credential: 'github', recoveredFrom },
      })
      await desk.drain()
    }
    await worksAgain('a')
    t.match(await alerts.get(alert.id), {
      state: 'sent',
      title: 'github: not authorised (1 task)',
      text: /^Tasks: b\n\na works again/,
    })
    await db.kysely.updateTable('tasks').set({ last_fingerprint: null }).execute()
    await worksAgain('b')
    t.match(await alerts.list(), [{ kind: 'recovered' }, { id: alert.id, state: 'resolved' }])
    t.equal((await alerts.list()).length, 2)
  },
)

onEachDatabase(
  'rules that a person wrote decide at once, and are named in the audit',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { inbox, tickets, alerts } = nouns(desk)
    const match = { source: ['nas'], task: [], tag: [], kind: [], priority: [], text: [] }
    const rule = {
      name: 'nas',
      match,
      action: 'ticket',
      until: null,
      even: [],
      reason: 'it can wait',
    }
    await createSettings(db, desk.clock).set(
      'triage_file',
      { hash: '', name: 'f', problems: [], since: '', rules: [rule] },
      'pickup',
    )
    const { id } = await inbox.post({ source: 'nas', message: 'the fan is loud', kind: 'failed' })
    await desk.drain()
    t.match(await inbox.find(id), {
      verdict: 'ticket',
      decidedBy: 'rule:user:nas',
      reason: 'Your rule "nas": it can wait',
    })
    t.equal((await tickets.list()).length, 1)
    t.same(await alerts.list(), [])
  },
)
