import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createItemListing } from '@mc/core/inbox/listing.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { createTestDesk } from '../support/desk.ts'
import { asCli, HOST, openPage, signInBy, submit } from './desk.ts'

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'webhooks', `${name}.json`), 'utf8')

const start = async (test: Test) => {
  const clock = createTestClock()
  return { ...(await startApp(test, { listen: false, clock })), clock }
}

const make = async (running: RunningApp, name: string, shape?: string): Promise<string> => {
  const made = await asCli(running, 'POST', '/api/v1/webhook_credentials', {
    name,
    ...(shape ? { shape } : {}),
  })
  return made.json<{ token: string }>().token
}

const post = (
  { app }: RunningApp,
  shape: string,
  payload: string,
  headers: Record<string, string> = {},
) =>
  app.inject({
    method: 'POST',
    url: `/api/v1/webhooks/${shape}`,
    headers: { host: HOST, 'content-type': 'application/json', ...headers },
    payload,
  })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const signed = (secret: string, payload: string, event: string) => ({
  'x-github-event': event,
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
})

const itemsOf = ({ db, clock }: RunningApp) => createItemListing(db, clock).list({ limit: 500 })

/** Pickup on the same database and clock. */
const drain = async (running: RunningApp & { clock: TestClock }) => {
  const desk = createTestDesk(running.db)
  await desk.clock.advance(running.clock.now().getTime() - desk.clock.now().getTime())
  await desk.drain()
}

t.test(
  'an alert that fires is told once, its reminders are counted, its end resolves it',
  async (t) => {
    const running = await start(t)
    const token = await make(running, 'prod', 'alertmanager')
    const firing = await post(
      running,
      'alertmanager',
      fixture('alertmanager-firing'),
      bearer(token),
    )
    t.match(firing.json(), { items: [{ item: 1, repeated: false, times: 1 }], ignored: null })
    await drain(running)
    const { alerts } = {
      alerts: await running.db.kysely.selectFrom('alerts').selectAll().execute(),
    }
    t.match(alerts, [{ item_id: 1, severity: 'critical' }])

    await running.clock.advance(4 * 3_600_000)
    const again = await post(running, 'alertmanager', fixture('alertmanager-firing'), bearer(token))
    t.match(again.json(), { items: [{ item: 1, repeated: true, times: 2 }] })
    t.equal((await itemsOf(running)).length, 1)

    await post(running, 'alertmanager', fixture('alertmanager-resolved'), bearer(token))
    await drain(running)
    const [end] = await itemsOf(running)
    t.match(end, { kind: 'ok', verdict: 'silent', decidedBy: 'rule:recovered' })
    const [alert] = await running.db.kysely.selectFrom('alerts').selectAll().execute()
    t.equal(alert?.state, 'resolved')
  },
)

t.test('what still fires after a day is told anew', async (t) => {
  const running = await start(t)
  const token = await make(running, 'prod', 'alertmanager')
  for (const hours of [0, 12, 13])
    await running.clock
      .advance(hours * 3_600_000)
      .then(() => post(running, 'alertmanager', fixture('alertmanager-firing'), bearer(token)))
  t.same(
    (await itemsOf(running)).map(({ id }) => id),
    [2, 1],
  )
})

t.test('each other shape goes from bad to good in two items', async (t) => {
  const running = await start(t)
  for (const [shape, bad, good] of [
    ['healthchecks', 'healthchecks-down', 'healthchecks-up'],
    ['uptime-kuma', 'uptime-kuma-down', 'uptime-kuma-up'],
  ] as const) {
    const headers = bearer(await make(running, `hook-${shape}`, shape))
    for (const name of [bad, bad, good, good])
      t.equal((await post(running, shape, fixture(name), headers)).statusCode, 200, name)
    const [end, begin, ...more] = (await itemsOf(running)).filter(
      (item) => item.detail.shape === shape,
    )
    t.match(begin, { kind: 'failed', sourceId: new RegExp(`^hook-${shape}/`) })
    t.match(end, { kind: 'ok', detail: { recoveredFrom: { fingerprint: begin?.fingerprint } } })
    t.same(more, [])
    await post(running, shape, fixture(bad), headers)
    t.match((await itemsOf(running))[0], { kind: 'failed' }, 'down again is news again')
  }
})

t.test('GitHub signs what it sends; another signature, or another body, is refused', async (t) => {
  const running = await start(t)
  const secret = await make(running, 'repo', 'github')
  const failure = fixture('github-workflow_run-failure')
  const success = fixture('github-workflow_run-success')
  const ping = fixture('github-ping')
  t.match((await post(running, 'github', ping, signed(secret, ping, 'ping'))).json(), {
    items: [],
    ignored: /works/,
  })
  const refused: [string, Record<string, string>][] = [
    [failure, signed(`${secret}x`, failure, 'workflow_run')],
    [`${failure} `, signed(secret, failure, 'workflow_run')],
    [failure, { 'x-github-event': 'workflow_run', 'x-hub-signature-256': 'sha256=zz' }],
    [failure, { 'x-github-event': 'workflow_run' }],
  ]
  for (const [body, headers] of refused)
    t.equal((await post(running, 'github', body, headers)).statusCode, 401)
  t.equal((await itemsOf(running)).length, 0)

  await post(running, 'github', success, signed(secret, success, 'workflow_run'))
  t.notOk((await itemsOf(running))[0]?.detail.recoveredFrom, 'a success like any other')
  await post(running, 'github', failure, signed(secret, failure, 'workflow_run'))
  t.match((await itemsOf(running))[0], { kind: 'failed', source: 'webhook' })
  const next = success.replaceAll('289782777', '289782999')
  await post(running, 'github', next, signed(secret, next, 'workflow_run'))
  t.ok((await itemsOf(running))[0]?.detail.recoveredFrom)

  const form = `payload=${encodeURIComponent(failure)}`
  const byForm = await post(running, 'github', form, {
    ...signed(secret, form, 'workflow_run'),
    'content-type': 'application/x-www-form-urlencoded',
  })
  t.match(byForm.json(), { items: [{ repeated: true, times: 2 }] }, 'its other content type')
})

t.test('a payload of two hundred alerts is posted whole or not at all', async (t) => {
  const running = await start(t)
  const headers = bearer(await make(running, 'prod'))
  const payload = JSON.parse(fixture('alertmanager-firing'))
  const [alert] = payload.alerts
  payload.alerts = Array.from({ length: 200 }, (_, n) => ({ ...alert, fingerprint: `f${n}` }))
  const broken = { ...payload, alerts: [...payload.alerts, { status: 'firing' }] }
  const refused = await post(running, 'alertmanager', JSON.stringify(broken), headers)
  t.match(refused.json(), { status: 422, detail: /Expected an Alertmanager payload/ })
  t.equal((await itemsOf(running)).length, 0)
  t.equal((await post(running, 'alertmanager', JSON.stringify(payload), headers)).statusCode, 200)
  t.equal((await itemsOf(running)).length, 200)

  // The last of them cannot be stored: none of them is.
  await running.db.kysely.deleteFrom('webhook_events').execute()
  const inbox = createInbox(running.db, running.clock)
  const { id } = await inbox.post({ source: 'x', message: 'x' })
  const { sql } = await import('kysely')
  await sql`create trigger full after insert on orchestrator_inbox
    when new.id >= ${sql.lit(id + 200)} begin select raise(abort, 'disk full'); end`.execute(
    running.db.kysely,
  )
  t.equal((await post(running, 'alertmanager', JSON.stringify(payload), headers)).statusCode, 500)
  t.equal((await itemsOf(running)).length, 201)
})

t.test('any program may post in plain words, and an item, but not in another’s name', async (t) => {
  const running = await start(t)
  const headers = bearer(await make(running, 'cellar'))
  const failed = { message: 'Backup failed', status: 'failed', key: 'backup' }
  await post(running, 'plain', JSON.stringify(failed), headers)
  await post(running, 'plain', JSON.stringify({ ...failed, status: 'ok' }), headers)
  const [end, begin] = await itemsOf(running)
  t.match(begin, { source: 'webhook', sourceId: 'cellar/backup', kind: 'failed' })
  t.match(end?.detail, { recoveredFrom: { fingerprint: begin?.fingerprint } })
  const once = { ...headers, 'idempotency-key': 'k1' }
  const [first, second] = [
    await post(running, 'plain', '{"message":"Once"}', once),
    await post(running, 'plain', '{"message":"Once"}', once),
  ]
  t.same(second.json(), first.json())
  t.equal(second.headers['idempotent-replay'], 'true')
  const text = await post(running, 'plain', 'Just words', {
    ...headers,
    'content-type': 'text/plain',
  })
  t.equal(text.statusCode, 200)
  t.match((await itemsOf(running))[0], { message: 'Just words', kind: 'note' })

  const item = {
    source: 'scheduler',
    sourceId: 'backup',
    message: 'all is well',
    kind: 'ok',
    fingerprint: 'v1:of-a-task',
    runId: 'run-1',
    detail: {
      task: 'backup',
      told: ['alert'],
      ticket: 'MC-1',
      recoveredFrom: { fingerprints: ['task:backup'], fingerprint: 'v1:of-a-task', failures: 3 },
    },
  }
  const posted = await running.app.inject({
    method: 'POST',
    url: '/api/v1/inbox',
    headers: { host: HOST, ...headers },
    payload: item,
  })
  t.equal(posted.statusCode, 201)
  const [mine] = await itemsOf(running)
  t.match(mine, { source: 'webhook', sourceId: 'cellar/scheduler/backup', runId: null })
  t.match(mine?.fingerprint, /^hook:plain:cellar:/)
  t.notOk(mine?.detail.task ?? mine?.detail.told ?? mine?.detail.ticket)
  t.notMatch(JSON.stringify(mine?.detail.recoveredFrom ?? {}), /task:|v1:/)
})

t.test('a webhook’s credential opens nothing else, and a shape’s only its own', async (t) => {
  const running = await start(t)
  const token = await make(running, 'prod', 'alertmanager')
  const routes = running.app.routeTable.flatMap((route) =>
    [route.method].flat().map((method) => ({ method, url: route.url })),
  )
  const mine = 'POST /api/v1/webhooks/alertmanager'
  t.ok(routes.length > 60, `${routes.length} routes were tried`)
  for (const { method, url } of routes) {
    if (`${method} ${url}` === mine) continue
    const path = url.replace(':key', 'MC-1').replace(':id', '1').replace(':name', 'chat')
    const answer = await running.app.inject({
      method: method as 'GET',
      url: path.replace('*', 'style.css'),
      headers: { host: HOST, ...bearer(token) },
    })
    t.ok([401, 403].includes(answer.statusCode), `${method} ${url}: ${answer.statusCode}`)
  }
  t.equal(
    (await post(running, 'alertmanager', fixture('alertmanager-firing'), bearer(token))).statusCode,
    200,
  )
})

t.test('too much at once, too large, and what was revoked is refused', async (t) => {
  const running = await start(t)
  const token = await make(running, 'loud')
  const large = JSON.stringify({ message: 'x'.repeat(1_100_000) })
  t.equal((await post(running, 'plain', large, bearer(token))).statusCode, 413)
  const answers: number[] = []
  for (let n = 0; n < 125; n++)
    answers.push((await post(running, 'plain', '{"message":"x"}', bearer(token))).statusCode)
  t.ok(answers.slice(0, 100).every((status) => status === 200))
  t.equal(answers.at(-1), 429)
  const other = await make(running, 'quiet')
  t.equal((await post(running, 'plain', '{"message":"x"}', bearer(other))).statusCode, 200)
  await asCli(running, 'POST', '/api/v1/webhook_credentials/quiet/revoke')
  t.equal((await post(running, 'plain', '{"message":"x"}', bearer(other))).statusCode, 401)
})

t.test(
  'a person makes one on the Settings page, sees its token once, and revokes it',
  async (t) => {
    const running = await start(t)
    const session = await signInBy(running)
    const made = await submit(running, session, '/api/v1/webhook_credentials', {
      name: 'kuma',
      shape: 'uptime-kuma',
      _back: '/settings',
    })
    t.equal(made.statusCode, 201)
    t.match(made.headers['cache-control'], 'no-store')
    const token = /mc_webhook_[\w-]{40,}/.exec(made.body)?.[0] ?? ''
    t.equal(
      (await post(running, 'uptime-kuma', fixture('uptime-kuma-down'), bearer(token))).statusCode,
      200,
    )
    const settings = await openPage(running, session, '/settings')
    t.match(settings.body, 'kuma')
    t.notMatch(settings.body, token)
    const stored = await running.db.kysely.selectFrom('credentials').selectAll().execute()
    t.notMatch(JSON.stringify(stored), token.slice(0, 30))
    const id = stored.find(({ kind }) => kind === 'webhook')?.id
    await submit(running, session, `/api/v1/webhook_credentials/${id}/revoke`, {
      _back: '/settings',
    })
    t.notMatch((await openPage(running, session, '/settings')).body, /class="title">kuma/)
  },
)
