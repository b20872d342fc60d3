import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { isOurOrigin } from '../../apps/api/safety/hosts.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { asAgent, asCli, HOST, ORIGIN, openPage, signInBy, submit } from './desk.ts'

const start = (test: Test, overrides = {}) => startApp(test, { listen: false, ...overrides })

type Route = {
  method: string
  url: string
  may: string | undefined
  /** Takes a webhook's credential: its locks are tried in webhooks.test.ts. */
  webhook: boolean
}

/** Each mutating route once, with its holes filled; /mcp has locks of its own, see mcp.test.ts. */
const mutatingRoutes = ({ app }: RunningApp): Route[] =>
  app.routeTable.flatMap((route) =>
    [route.method]
      .flat()
      .filter(() => !route.config?.agentOnly)
      .filter((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method))
      .map((method) => ({
        method,
        url: route.url.replace(':key', 'MC-1').replace(':id', '1').replace(':name', 'chat'),
        may: route.config?.may,
        webhook: route.config?.webhook !== undefined,
      })),
  )

t.test('every mutating route refuses whoever does not prove who they are', async (t) => {
  const running = await start(t)
  const { cookie, csrf } = await signInBy(running)
  const routes = mutatingRoutes(running)
  t.ok(routes.length >= 25, `${routes.length} routes were tried`)
  const good = { host: HOST, origin: ORIGIN, cookie, 'x-csrf-token': csrf }
  const credentials = createCredentials(running.db, running.clock)
  const bearer = async (kind: 'webhook' | 'metrics') => ({
    host: HOST,
    authorization: `Bearer ${(await credentials.issue(kind, { label: kind })).token}`,
  })
  const webhook = await bearer('webhook')
  const attempts: [string, Record<string, string>, number][] = [
    ['no credential', { host: HOST, origin: ORIGIN, 'x-csrf-token': csrf }, 401],
    ['a made-up session', { ...good, cookie: `${cookie}x` }, 401],
    ['a made-up bearer token', { host: HOST, authorization: 'Bearer nonsense' }, 401],
    ['another page’s Origin', { ...good, origin: 'http://evil.example' }, 403],
    ['another port’s Origin', { ...good, origin: 'http://127.0.0.1:3000' }, 403],
    ['the null Origin', { ...good, origin: 'null' }, 403],
    ['no Origin', { host: HOST, cookie, 'x-csrf-token': csrf }, 403],
    ['no CSRF token', { host: HOST, origin: ORIGIN, cookie }, 403],
    ['a wrong CSRF token', { ...good, 'x-csrf-token': 'x'.repeat(csrf.length) }, 403],
    ['a rebound host name', { ...good, host: 'evil.example' }, 403],
    [
      'the agent without a turn',
      { host: HOST, authorization: `Bearer ${running.agentToken}` },
      403,
    ],
    ['the token of the metrics', await bearer('metrics'), 403],
  ]
  for (const { method, url, ...route } of routes)
    for (const [name, headers, status] of [
      ...attempts,
      ...(route.webhook ? [] : [['a webhook’s token', webhook, 403] as const]),
    ]) {
      const answer = await running.app.inject({ method: method as 'POST', url, headers })
      t.equal(answer.statusCode, status, `${method} ${url}: ${name}`)
    }
})

t.test('what is a person’s alone refuses the agent even in a person’s turn', async (t) => {
  const running = await start(t)
  const turn = await turnInFlight(running, 'user')
  const routes = mutatingRoutes(running).filter(({ may }) => (may ?? 'person') === 'person')
  t.ok(routes.length >= 15, `${routes.length} routes were tried`)
  for (const { method, url } of routes) {
    const answer = await asAgent(running, method as 'POST', url, undefined, turn)
    t.match(answer.json(), { status: 403, detail: 'Only a person may do this' }, `${method} ${url}`)
  }
})

t.test('reading needs a credential too, but for health', async (t) => {
  const { app } = await start(t)
  for (const url of ['/', '/board', '/api/v1/status', '/api/v1/events', '/api/openapi.json'])
    t.equal((await app.inject({ url, headers: { host: HOST } })).statusCode, 401, url)
  for (const url of ['/healthz', '/public/style.css'])
    t.equal((await app.inject({ url, headers: { host: HOST } })).statusCode, 200, url)
})

t.test('the Host list holds on every path, and takes the public address', async (t) => {
  const { app } = await start(t, { env: { MC_PUBLIC_URL: 'https://desk.example' } })
  const status = async (host: string, url = '/healthz') =>
    (await app.inject({ url, headers: { host } })).statusCode
  for (const host of ['localhost', 'localhost:4700', '127.0.0.1:1', '[::1]:4700', 'desk.example'])
    t.equal(await status(host), 200, host)
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ])
    t.equal(await status(host), 403, host)
  t.equal(await status('evil.example', '/nothing'), 403)
  t.equal(await status('evil.example', '/public/style.css'), 403)
})

t.test('at the public address only its own scheme is a page of ours', async (t) => {
  const isOurs = (origin: string, host: string) => isOurOrigin(origin, host, 'https://desk.example')
  t.ok(isOurs('https://desk.example', 'desk.example'))
  t.notOk(isOurs('http://desk.example', 'desk.example'))
  t.notOk(isOurs('http://DESK.example', 'DESK.example'))
  t.ok(isOurs(ORIGIN, HOST), 'the machine’s own address goes on')
  t.ok(isOurOrigin('http://desk.lan:4700', 'desk.lan:4700', 'http://desk.lan:4700'))
})

t.test('a sign-in link opens a session once and for ten minutes', async (t) => {
  const clock = createTestClock()
  const running = await start(t, { clock })
  const link = async () => {
    const answer = await asCli(running, 'POST', '/api/v1/sign_in_links')
    const { pathname, search } = new URL(answer.json<{ url: string }>().url)
    return pathname + search
  }
  const enter = (url: string) => running.app.inject({ url, headers: { host: HOST } })
  const first = await link()
  const entered = await enter(first)
  t.equal(entered.statusCode, 303)
  t.match(String(entered.headers['set-cookie']), /HttpOnly/)
  t.match(String(entered.headers['set-cookie']), /SameSite=Lax/)
  t.equal((await enter(first)).statusCode, 401, 'the second time')
  const second = await link()
  await clock.advance(601_000)
  t.equal((await enter(second)).statusCode, 401, 'after ten minutes')
})

t.test('guessing sign-in links is slowed down', async (t) => {
  const { app } = await start(t)
  const answers = []
  for (let i = 0; i < 12; i++)
    answers.push(
      (await app.inject({ url: '/sign-in?token=guess', headers: { host: HOST } })).statusCode,
    )
  t.equal(answers[0], 401)
  t.equal(answers.at(-1), 429)
})

t.test('signing out ends the session', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  t.equal((await openPage(running, session, '/')).statusCode, 200)
  await submit(running, session, '/sign-out', {})
  t.equal((await openPage(running, session, '/')).statusCode, 401)
})

t.test('pages allow no inline script or style and no other site', async (t) => {
  const running = await start(t)
  const page = await openPage(running, await signInBy(running), '/')
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /default-src 'none'/)
  t.match(policy, /script-src 'self';/)
  t.notMatch(policy, /unsafe/)
  t.notMatch(page.body, /<script(?![^>]*src=)/)
  t.notMatch(page.body, / style="| on[a-z]+="/)
  t.equal(page.headers['access-control-allow-origin'], undefined)
})

t.test('the agent acts in a person’s turn while it is in flight, and no longer', async (t) => {
  const running = await start(t)
  const turn = await turnInFlight(running, 'user')
  const file = () => asAgent(running, 'POST', '/api/v1/tickets', { title: 'One' }, turn)
  const filed = await file()
  t.equal(filed.statusCode, 201)
  t.match(filed.json(), { source: 'luci' })
  await running.luci.finish(turn)
  t.equal((await file()).statusCode, 403)
  t.equal(
    (await asAgent(running, 'POST', '/api/v1/tickets', { title: 'x' }, 'ffffff')).statusCode,
    403,
  )
})

t.test(
  'a digest turn files and notifies for items of its digest, and does nothing else',
  async (t) => {
    const running = await start(t)
    const inbox = createInbox(running.db, running.clock)
    const { id: mine } = await inbox.post({ source: 'test', message: 'mine' })
    await inbox.claim({ countMax: 1, by: 'pickup' })
    const { id: other } = await inbox.post({ source: 'test', message: 'other' })
    await running.db.kysely
      .updateTable('orchestrator_inbox')
      .set({ digest_id: 'd1' })
      .where('id', '=', mine)
      .execute()
    const turn = await turnInFlight(running, 'digest', 'd1')
    const ask = async (url: string, body: object) =>
      (await asAgent(running, 'POST', url, body, turn)).statusCode
    t.equal(await ask('/api/v1/tickets', { title: 'x', item: mine }), 201)
    t.equal(await ask('/api/v1/alerts', { title: 'x', item: mine }), 201)
    t.equal(await ask('/api/v1/tickets', { title: 'x', item: other }), 403, 'not of this digest')
    t.equal(await ask('/api/v1/tickets', { title: 'x' }), 403, 'of no item')
    t.equal(await ask('/api/v1/tickets/MC-1/comments', { body: 'x' }), 403)
    t.equal(await ask('/api/v1/tickets/MC-1/move', { status: 'done' }), 403)
    t.equal(await ask('/api/v1/inbox', { source: 'x', message: 'x' }), 403)
  },
)

t.test('a turn typed into the pane by hand gives no rights', async (t) => {
  const running = await start(t)
  const turn = await turnInFlight(running, 'pane')
  t.equal((await asAgent(running, 'POST', '/api/v1/tickets', { title: 'x' }, turn)).statusCode, 403)
})

const turnInFlight = async (
  { db, clock }: RunningApp,
  origin: 'user' | 'digest' | 'pane',
  digestId?: string,
): Promise<string> => {
  const turns = createTurns(db, clock)
  const turn = await turns.queue({ text: 'x', origin, ...(digestId ? { digestId } : {}) })
  await turns.move(turn.id, ['queued'], 'typed')
  return turn.id
}
