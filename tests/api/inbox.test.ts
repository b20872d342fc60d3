import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { inboxTime } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { createTestDesk } from '../support/desk.ts'
import { asAgent, asCli, openPage, signInBy, submit } from './desk.ts'

type Timed = RunningApp & { clock: TestClock }

const start = async (test: Test): Promise<Timed> => {
  const clock = createTestClock()
  return { ...(await startApp(test, { listen: false, clock })), clock }
}

/** Pickup on the same database, at the same time. */
const drain = async ({ db, clock }: Timed) => {
  const desk = createTestDesk(db)
  await desk.clock.advance(clock.now().getTime() - desk.clock.now().getTime())
  await desk.drain()
}

const post = ({ db, clock }: Timed, over: object = {}) =>
  createInbox(db, clock).post({ source: 'backup.sh', message: 'went well', kind: 'ok', ...over })

const settle = async ({ db, clock }: Timed, action: VerdictAction) => {
  const inbox = createInbox(db, clock)
  for (const item of await inbox.claim({ countMax: 100, by: 'pickup-1' }))
    await inbox.settle(item, { action, decidedBy: 'luci', reason: 'She said so' })
}

t.test('an item’s page tells its whole way, and so does the api', async (t) => {
  const running = await start(t)
  const critical = { kind: 'failed', priority: 'critical', message: 'Disk is full' } as const
  await post(running, critical)
  await running.clock.advance(2_000)
  await drain(running)
  // Two processes read the clock: pickup's was a moment behind.
  const behind = inboxTime(new Date(running.clock.now().getTime() - 2_001))
  await running.db.kysely
    .updateTable('orchestrator_inbox')
    .set({ claimed_at: behind })
    .where('id', '=', 1)
    .execute()
  const [alert] = await running.db.kysely.selectFrom('alerts').selectAll().execute()
  await asCli(running, 'POST', `/api/v1/alerts/${alert?.id}/acknowledge`)
  await asCli(running, 'POST', '/api/v1/inbox/1/corrections', {
    right: 'alert+ticket',
    note: 'Buy',
  })
  await drain(running)

  const way = await asCli(running, 'GET', '/api/v1/inbox/1/timeline')
  const told = way.json<{ steps: { kind: string; text: string }[] }>().steps
  const texts = told.map(({ text }) => text).join('\n')
  t.match(texts, /^Posted by .*\nPicked up by /)
  for (const part of [
    'Posted by backup.sh, priority critical',
    'Picked up by pickup-test',
    'The fallback table decided: an alert',
    'Alert #1 was raised',
    'Alert #1 was acknowledged by you',
    'You said: wrong, an alert and a ticket was right',
    'Filed as MC-1: Disk is full',
  ])
    t.ok(texts.includes(part), `${part} in\n${texts}`)
  const page = await openPage(running, await signInBy(running), '/inbox/1')
  t.match(page.body, 'Filed as MC-1')
  t.equal((await asCli(running, 'GET', '/api/v1/inbox/2/timeline')).statusCode, 404)
})

t.test(
  'a correction that raises does what was missing, once, and only a person makes it',
  async (t) => {
    const running = await start(t)
    await post(running)
    await drain(running)
    const wrong = (right: string) =>
      asCli(running, 'POST', '/api/v1/inbox/1/corrections', {
        right,
        note: 'token=abcdefgh12345678',
      })
    t.match((await wrong('silent')).json(), { status: 409 })
    t.match((await wrong('ticket')).json(), {
      verdict: 'silent',
      decidedBy: 'rule:routine_success',
    })
    await drain(running)
    await wrong('ticket')
    await drain(running)
    t.equal((await running.db.kysely.selectFrom('tickets').selectAll().execute()).length, 1)
    await wrong('alert')
    const { items } = (await asCli(running, 'GET', '/api/v1/inbox/1/corrections')).json()
    t.match(items, [
      { right: 'ticket', supersededAt: String, verdict: 'silent' },
      { right: 'ticket', supersededAt: String },
      { right: 'alert', supersededAt: null, verdict: 'silent', decidedBy: 'rule:routine_success' },
    ])
    t.notMatch(JSON.stringify(items), 'abcdefgh')
    const turn = await running.luci.send({ text: 'x', origin: 'user' })
    const asLuci = { right: 'silent' }
    const refused = await asAgent(running, 'POST', '/api/v1/inbox/1/corrections', asLuci, turn.id)
    t.equal(refused.statusCode, 403)
  },
)

t.test('accuracy counts every decision once, and each item that was called wrong', async (t) => {
  const running = await start(t)
  for (let n = 0; n < 4; n++) await post(running, { sourceId: `task-${n}` })
  await drain(running)
  await asCli(running, 'POST', '/api/v1/inbox/judge', { items: [1, 1], action: 'ticket' })
  await asCli(running, 'POST', '/api/v1/inbox/2/corrections', { right: 'ticket' })
  await asCli(running, 'POST', '/api/v1/inbox/2/corrections', { right: 'silent' })
  const { byDecider } = (await asCli(running, 'GET', '/api/v1/inbox/accuracy')).json()
  t.same(byDecider[0], { of: 'rule:routine_success', decided: 4, corrected: 1, right: 75 })
  const session = await signInBy(running)
  const week = (await openPage(running, session, '/report?week=2026-W47')).body
  t.match(week, 'Week 2026-W47, 16–22 Nov')
  t.match(week, '<th scope="row">Rule “routine success”</th>')
  t.match(week, '<th scope="row">Silence</th>')
  const over = (await openPage(running, session, '/report?week=2026-W49')).body
  t.match(over, 'Week 2026-W49, 30 Nov – 6 Dec')
})

t.test('the list groups, filters by the address and pages to its end', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  for (let n = 0; n < 130; n++)
    await post(running, {
      sourceId: `unit-${n}`,
      message: `Unit ${n} is fine`,
      fingerprint: `u${n}`,
    })
  await settle(running, 'silent')
  await settle(running, 'silent')
  for (let n = 0; n < 3; n++)
    await post(running, { kind: 'failed', fingerprint: 'roof', message: 'The 100% roof leaks' })
  await settle(running, 'silent')
  const page = async (query: string) => (await openPage(running, session, `/inbox?${query}`)).body
  const first = await page('tab=silenced')
  t.match(first, '3 times')
  t.equal(first.match(/<li class="item"/g)?.length, 58, '60 items, three of them as one')

  const seen = new Set<string>()
  let next: string | undefined = 'tab=silenced'
  for (let pages = 0; next && pages < 10; pages++) {
    const body = await page(next)
    for (const [, ids = ''] of body.matchAll(/name="item" value="([\d,]+)"/g))
      for (const id of ids.split(',')) seen.add(id)
    next = /href="\/inbox\?([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
  }
  t.equal(seen.size, 133)

  t.match(await page('tab=silenced&text=100%25%20ROOF&source=&kind=&priority='), 'roof leaks')
  t.notMatch(await page('tab=silenced&text=unit%207&kind=failed'), 'Unit 7')
  t.match(await page('tab=silenced&source=backup.sh/unit-7'), 'Unit 7 is fine')
  t.equal((await page('tab=silenced&like=roof')).match(/<li class="item"/g)?.length, 1)
  t.match(await page('tab=silenced&decided=rule:x'), 'Nothing here is like that')
  t.match(await page('tab=silenced&from=2000-01-01&to=2000-01-02'), 'Nothing here is like that')
  t.match(await page('tab=silenced'), '<option value="auth">Credential refused</option>')
  t.match(await page('tab=pending'), 'INSERT INTO orchestrator_inbox')
  t.equal((await openPage(running, session, '/inbox?cursor=x')).statusCode, 400)
})

t.test('many items are judged at once by a form, each by itself', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  await post(running, { message: 'a' })
  await post(running, { message: 'b' })
  await settle(running, 'silent')
  await post(running, { message: 'c' })
  const { body } = await openPage(running, session, '/inbox?tab=silenced')
  t.match(body, 'name="item"')
  const sent = await submit(running, session, '/inbox/changes', {
    item: '1,3,99',
    do: 'ticket',
    note: 'Look',
    _back: '/inbox',
  })
  t.equal(sent.statusCode, 303)
  await drain(running)
  const verdicts = await running.db.kysely
    .selectFrom('orchestrator_inbox')
    .select(['id', 'verdict', 'decided_by'])
    .orderBy('id')
    .execute()
  t.same(verdicts, [
    { id: 1, verdict: 'ticket', decided_by: 'person' },
    { id: 2, verdict: 'silent', decided_by: 'luci' },
    { id: 3, verdict: 'ticket', decided_by: 'person' },
  ])
  const none = await submit(running, session, '/inbox/changes', { do: 'ticket', _back: '/inbox' })
  t.equal(none.statusCode, 400)
})

t.test('what needs a person is acknowledged where it stands, and leads to its alert', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  await post(running, { kind: 'failed', message: 'The roof leaks' })
  await settle(running, 'alert')
  const alerts = createAlerts(running.db, running.clock, { repeatIntervalMs: 1 })
  for (const title of ['The roof leaks', 'And it rains'])
    await alerts.raise({ fingerprint: title, kind: 'failed', title, text: '', itemId: 1 })
  const needs = async () => (await openPage(running, session, '/inbox')).body
  t.match(await needs(), /href="\/alerts\/1"/)
  t.match(await needs(), 'name="one" value="acknowledge:1"')
  const acknowledge = () =>
    submit(running, session, '/inbox/changes', { one: 'acknowledge:1', _back: '/inbox' })
  t.equal((await acknowledge()).statusCode, 303)
  t.match(await needs(), 'Nothing needs you')
  t.match(await alerts.list(), [
    { state: 'acknowledged', acknowledgedBy: 'person' },
    { state: 'acknowledged' },
  ])
  t.equal((await acknowledge()).statusCode, 303, 'nothing is left to do, and that is no mistake')
})

t.test('an item that was set aside is tried again, one that is settled is not', async (t) => {
  const running = await start(t)
  await post(running)
  const inbox = createInbox(running.db, running.clock)
  const [item] = await inbox.claim({ countMax: 1, by: 'x' })
  if (!item) throw new Error('There was nothing to claim')
  const again = () => asCli(running, 'POST', '/api/v1/inbox/1/again')
  t.match((await again()).json(), { status: 'pending' }, 'it was held')
  const [held] = await inbox.claim({ countMax: 1, by: 'x' })
  if (!held) throw new Error('There was nothing to claim')
  await inbox.settle(held, { action: 'alert', decidedBy: 'rule:set_aside', reason: 'five tries' })
  t.match((await again()).json(), { status: 'pending', tries: 0, verdict: null })
  await drain(running)
  t.match((await again()).json(), { status: 409 })
})

t.test('the same said twice suggests a rule in the words of the rules file', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  for (let n = 0; n < 2; n++)
    await post(running, {
      source: 'scheduler',
      sourceId: 'disk',
      kind: 'failed',
      fingerprint: 'f',
      detail: { task: 'disk' },
    })
  await settle(running, 'silent')
  const page = async () => (await openPage(running, session, '/inbox/2')).body
  await asCli(running, 'POST', '/api/v1/inbox/2/corrections', { right: 'alert' })
  t.notMatch(await page(), 'A rule of your own')
  await asCli(running, 'POST', '/api/v1/inbox/1/corrections', { right: 'alert' })
  const body = await page()
  t.match(body, 'then: alert')
  t.match(body, 'task: disk')
})
