import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { AppError } from '@mc/core/errors.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { type RunningApp, startApp } from '../support/app.ts'
import { aTask } from '../support/tasks.ts'
import { asCli, openPage, signInBy } from './desk.ts'

const start = (test: Test, overrides = {}) => startApp(test, { listen: false, ...overrides })

/** A desk with one of each noun. */
const furnish = async (running: RunningApp) => {
  const { db, clock } = running
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'One', labels: ['a'] })
  const { id: item } = await createInbox(db, clock).post({ source: 'test', message: 'Hello' })
  await createTasks(db, clock).sync([aTask({ id: 'disk' })])
  const run = await createRuns(db, clock).begin({ taskId: 'disk', trigger: 'manual' })
  const { alert } = await createAlerts(db, clock, { repeatIntervalMs: 1 }).raise({
    fingerprint: 'f',
    kind: 'note',
    title: 'Told',
    text: '',
  })
  const turn = await createTurns(db, clock).queue({ text: 'Hello', origin: 'user' })
  return { item, run: run?.id ?? '', alert: alert.id, turn: turn.id }
}

t.test('every readable resource answers as its schema says', async (t) => {
  const running = await start(t)
  const ids = await furnish(running)
  const urls: [url: string, route: string][] = [
    ['/api/v1/status', '/api/v1/status'],
    ['/api/v1/tickets', '/api/v1/tickets/'],
    ['/api/v1/tickets/MC-1', '/api/v1/tickets/:key'],
    ['/api/v1/tickets/MC-1/events', '/api/v1/tickets/:key/events'],
    ['/api/v1/tickets/MC-1/runs', '/api/v1/tickets/:key/runs'],
    ['/api/v1/turns', '/api/v1/turns/'],
    [`/api/v1/turns/${ids.turn}`, '/api/v1/turns/:id'],
    ['/api/v1/inbox', '/api/v1/inbox/'],
    [`/api/v1/inbox/${ids.item}`, '/api/v1/inbox/:id'],
    ['/api/v1/tasks', '/api/v1/tasks/'],
    ['/api/v1/tasks/disk', '/api/v1/tasks/:id'],
    ['/api/v1/runs', '/api/v1/runs/'],
    [`/api/v1/runs/${ids.run}`, '/api/v1/runs/:id'],
    ['/api/v1/alerts', '/api/v1/alerts/'],
    [`/api/v1/alerts/${ids.alert}`, '/api/v1/alerts/:id'],
    ['/api/v1/digests', '/api/v1/digests/'],
    ['/api/v1/settings/switches/pickup', '/api/v1/settings/switches/:name'],
    ['/api/v1/persistent_luci/status', '/api/v1/persistent_luci/status'],
    [`/api/v1/persistent_luci/harvest?turn=${ids.turn}`, '/api/v1/persistent_luci/harvest'],
  ]
  for (const [url, path] of urls) {
    const answer = await asCli(running, 'GET', url)
    t.equal(answer.statusCode, 200, url)
    const route = running.app.routeTable.find((one) => one.url === path && one.method === 'GET')
    const schema = (route?.schema?.response as Record<string, TSchema> | undefined)?.[200]
    if (!schema) return t.fail(`${path} has no schema`)
    t.same([...Value.Errors(schema, answer.json())], [], url)
  }
})

t.test('what is not there is a problem that says so', async (t) => {
  const running = await start(t)
  const paths = ['tickets/MC-9', 'turns/ffffff', 'inbox/9', 'tasks/none', 'runs/none', 'alerts/9']
  for (const path of [...paths, 'digests/none', 'settings/switches/none', 'nothing']) {
    const answer = await asCli(running, 'GET', `/api/v1/${path}`)
    t.equal(answer.statusCode, 404, path)
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.match(answer.json(), { status: 404, code: 'not_found', title: String, detail: String })
  }
})

t.test('a wrong request is told every mistake', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', '/api/v1/tickets', { titel: 'x', priority: 'high' })
  t.equal(answer.statusCode, 400)
  const { problems } = answer.json<{ problems: string[] }>()
  t.match(problems.join('\n'), /title/)
  t.match(problems.join('\n'), /priority/)
})

t.test('a list is read page by page, newest first, without gap or double', async (t) => {
  const running = await start(t)
  for (let i = 1; i <= 7; i++) await asCli(running, 'POST', '/api/v1/tickets', { title: `T${i}` })
  const seen: string[] = []
  let cursor = ''
  do {
    const page = await asCli(running, 'GET', `/api/v1/tickets?limit=3${cursor}`)
    const { items, next } = page.json<{ items: { title: string }[]; next: string | null }>()
    seen.push(...items.map((item) => item.title))
    cursor = next ? `&cursor=${next}` : ''
  } while (cursor)
  t.same(seen, ['T7', 'T6', 'T5', 'T4', 'T3', 'T2', 'T1'])
})

t.test('a repeated request with the same key is done once', async (t) => {
  const running = await start(t)
  const send = (title: string) =>
    asCli(running, 'POST', '/api/v1/tickets', { title }, { 'idempotency-key': 'k1' })
  const first = await send('One')
  const again = await send('One')
  t.equal(again.statusCode, 201)
  t.same(again.json(), first.json())
  t.equal(again.headers['idempotent-replay'], 'true')
  t.match((await send('Two')).json(), { status: 409, code: 'conflict' })
  const list = await asCli(running, 'GET', '/api/v1/tickets')
  t.equal(list.json<{ items: unknown[] }>().items.length, 1)
})

t.test('two requests at once with one key are done once', async (t) => {
  const running = await start(t)
  const send = () =>
    asCli(running, 'POST', '/api/v1/tickets', { title: 'One' }, { 'idempotency-key': 'k' })
  const codes = (await Promise.all([send(), send(), send()])).map((one) => one.statusCode)
  t.ok(codes.includes(201), codes.join())
  const list = await asCli(running, 'GET', '/api/v1/tickets')
  t.equal(list.json<{ items: unknown[] }>().items.length, 1)
})

t.test('a request that was invalid or in conflict is refused again the same way', async (t) => {
  const running = await start(t)
  const send = (payload: object) =>
    asCli(running, 'POST', '/api/v1/tickets/MC-1/links', payload, { 'idempotency-key': 'k' })
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'One' })
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'Two' })
  await asCli(running, 'POST', '/api/v1/tickets/MC-2/links', { blockedBy: 'MC-1' })
  const first = await send({ blockedBy: 'MC-2' })
  const again = await send({ blockedBy: 'MC-2' })
  t.equal(first.statusCode, 409)
  t.same(again.json(), first.json())
  t.equal(again.headers['idempotent-replay'], 'true')
  t.match(again.headers['content-type'], /problem\+json/)
})

t.test('what may go well later is tried again with the same key', async (t) => {
  const running = await start(t)
  const key = { 'idempotency-key': 'k' }
  const comment = () => asCli(running, 'POST', '/api/v1/tickets/MC-1/comments', { body: 'x' }, key)
  t.equal((await comment()).statusCode, 404)
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'One' })
  t.equal((await comment()).statusCode, 201)

  const send = running.luci.send
  running.luci.send = async () => {
    throw new AppError('unavailable', 'Luci is away')
  }
  const key2 = { 'idempotency-key': 'k2' }
  const chat = () =>
    asCli(running, 'POST', '/api/v1/session_start', { mode: 'chat', text: 'x' }, key2)
  t.equal((await chat()).statusCode, 503)
  running.luci.send = send
  t.equal((await chat()).statusCode, 201)
})

t.test('alerts and digests are listed page by page, none passed over', async (t) => {
  const running = await start(t)
  const { db, clock } = running
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await alerts.raise({ fingerprint: name, kind: 'note', title: name, text: '' })
    await db.kysely
      .insertInto('digests')
      .values({ id: name, state: 'settled', opened_at: '2026-03-02T10:00:00.000Z', due_at: '' })
      .execute()
  }
  for (const [url, of] of [
    ['/api/v1/alerts', 'title'],
    ['/api/v1/digests', 'id'],
  ] as const) {
    const seen: unknown[] = []
    let cursor = ''
    do {
      const page = await asCli(running, 'GET', `${url}?limit=2${cursor}`)
      const { items, next } = page.json<{ items: Record<string, unknown>[]; next: string }>()
      seen.push(...items.map((item) => item[of]))
      cursor = next ? `&cursor=${next}` : ''
    } while (cursor)
    t.same(seen, ['e', 'd', 'c', 'b', 'a'], url)
  }
})

t.test('the inbox page of what was handled goes on where it ended', async (t) => {
  const running = await start(t)
  const { db, clock } = running
  const inbox = createInbox(db, clock)
  for (let i = 0; i < 130; i++) await inbox.post({ source: 'test', message: `Item-${i}.` })
  await db.kysely
    .updateTable('orchestrator_inbox')
    .set({ status: 'processed', processed_at: '2026-03-02 10:00:00' })
    .execute()
  const session = await signInBy(running)
  const seen: string[] = []
  let url: string | undefined = '/inbox?tab=handled'
  while (url) {
    const { body } = await openPage(running, session, url)
    seen.push(...[...body.matchAll(/data-open>(Item-\d+)\./g)].map((match) => match[1] ?? ''))
    url = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
  }
  t.equal(seen.length, 130)
  t.equal(new Set(seen).size, 130)
})

t.test('a stale edit is a conflict', async (t) => {
  const running = await start(t)
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'One' })
  const edit = (title: string) =>
    asCli(running, 'PATCH', '/api/v1/tickets/MC-1', { title, version: 1 })
  t.equal((await edit('Two')).statusCode, 200)
  t.match((await edit('Three')).json(), { status: 409, code: 'conflict' })
})

t.test('a queued turn can be edited and taken back, a typed one cannot', async (t) => {
  const running = await start(t)
  const { turn } = await furnish(running)
  const url = `/api/v1/turns/${turn}`
  t.match((await asCli(running, 'PATCH', url, { text: 'Hi' })).json(), { text: 'Hi' })
  await createTurns(running.db, running.clock).move(turn, ['queued'], 'typed')
  t.equal((await asCli(running, 'PATCH', url, { text: 'Ho' })).statusCode, 409)
  t.equal((await asCli(running, 'DELETE', url)).statusCode, 409)
  const other = await createTurns(running.db, running.clock).queue({ text: 'x', origin: 'user' })
  t.equal((await asCli(running, 'DELETE', `/api/v1/turns/${other.id}`)).statusCode, 204)
})

t.test('a task is paused with a reason, resumed and run by hand', async (t) => {
  const running = await start(t)
  await furnish(running)
  const ask = (verb: string, body?: object) =>
    asCli(running, 'POST', `/api/v1/tasks/disk/${verb}`, body)
  t.equal((await ask('pause', {})).statusCode, 400, 'without a reason')
  t.match((await ask('pause', { reason: 'Moving' })).json(), { paused: { reason: 'Moving' } })
  t.match((await ask('resume')).json(), { paused: null })
  t.match((await ask('run')).json(), { runRequested: { by: 'person' } })
})

t.test('an alert is acknowledged, snoozed and resolved', async (t) => {
  const running = await start(t)
  const { alert } = await furnish(running)
  const ask = (verb: string, body?: object) =>
    asCli(running, 'POST', `/api/v1/alerts/${alert}/${verb}`, body)
  t.match((await ask('acknowledge')).json(), { state: 'acknowledged', acknowledgedBy: 'person' })
  t.match((await ask('snooze', { until: '4h' })).json(), { state: 'snoozed' })
  t.equal((await ask('snooze', { until: '2001-01-01T00:00:00Z' })).statusCode, 400)
  t.match((await ask('resolve')).json(), { state: 'resolved' })
})

t.test('a switch says whose word stands, and goes back to the environment’s', async (t) => {
  const running = await start(t, { env: { MC_PICKUP: 'rules' } })
  const url = '/api/v1/settings/switches/pickup'
  t.match((await asCli(running, 'GET', url)).json(), { value: 'rules', from: 'environment' })
  t.match((await asCli(running, 'PUT', url, { value: 'off' })).json(), {
    value: 'off',
    from: 'person',
  })
  t.equal((await asCli(running, 'PUT', url, { value: 'maybe' })).statusCode, 400)
  t.match((await asCli(running, 'PUT', url, {})).json(), { value: 'rules', from: 'environment' })
})

t.test('send waits for the answer as long as asked', async (t) => {
  const running = await start(t)
  const sent = asCli(running, 'POST', '/api/v1/persistent_luci/send', { text: 'Hello', wait: 30 })
  const stop = running.luci.on((event) => {
    if (event.type !== 'turn' || event.turn.state !== 'queued') return
    stop()
    void running.luci.say(event.turn.id, 'Hi').then(() => running.luci.finish(event.turn.id))
  })
  const answer = await sent
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { turn: { state: 'answered', reply: 'Hi' } })
})

t.test('send without waiting gives the queued turn', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', '/api/v1/persistent_luci/send', { text: 'Hello' })
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { turn: { state: 'queued', origin: 'api' } })
})

t.test('a person’s verdict is recorded', async (t) => {
  const running = await start(t)
  const { item } = await furnish(running)
  const answer = await asCli(running, 'POST', '/api/v1/inbox/resolve', {
    verdicts: [{ item, action: 'ticket', reason: 'I look at it' }],
  })
  t.match(answer.json(), { items: [{ item, status: 'recorded', action: 'ticket' }] })
})

t.test('the OpenAPI document names every route of the contract', async (t) => {
  const running = await start(t)
  const { paths } = (await asCli(running, 'GET', '/api/openapi.json')).json<{ paths: object }>()
  for (const path of ['/session_start', '/persistent_luci/send', '/tickets', '/inbox/resolve'])
    t.ok(`/api/v1${path}` in paths, path)
})

t.test('a body beyond 2 MB is refused', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', '/api/v1/tickets', { title: 'x'.repeat(2_200_000) })
  t.equal(answer.statusCode, 413)
})
