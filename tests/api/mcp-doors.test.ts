import { request } from 'node:http'
import { openBell } from '@mc/core/bell.ts'
import { silentLog } from '@mc/core/log.ts'
import t from 'tap'
import { buildApp } from '../../apps/api/app.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { ORIGIN, signInBy } from './desk.ts'
import { attach } from './mcp-client.ts'

const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })

type Sent = { method?: string; headers?: Record<string, string>; body?: string }
type Got = { status: number; headers: Record<string, unknown>; text: string }

/** A request with any header, Host included, which fetch would not let through. */
const send = (running: RunningApp, { method = 'POST', headers = {}, body = list }: Sent) =>
  new Promise<Got>((resolve, reject) => {
    const asked = request(
      new URL('/mcp', running.url),
      {
        method,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      (answer) => {
        let text = ''
        answer
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part
          })
          .on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
          )
      },
    )
    asked.on('error', reject).end(method === 'POST' ? body : undefined)
  })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

t.test('only the agent’s bearer token opens it, and the problem says so', async (t) => {
  const running = await startApp(t)
  const { cookie, csrf } = await signInBy(running)
  const attempts: [string, Record<string, string>][] = [
    ['no credential', {}],
    ['a made-up token', bearer('nonsense')],
    ['a person’s token', bearer(running.cliToken)],
    ['another scheme', { authorization: `Basic ${running.agentToken}` }],
    ['a person’s session', { cookie }],
    ['a session with all its proofs', { cookie, origin: running.url, 'x-csrf-token': csrf }],
  ]
  for (const [name, headers] of attempts)
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await send(running, { method, headers })
      t.equal(answer.status, 401, `${method}: ${name}`)
      t.equal(answer.headers['www-authenticate'], 'Bearer')
      t.match(JSON.parse(answer.text), { code: 'unauthorized', hint: /credentials\/agent/ })
    }
  t.equal((await send(running, { headers: bearer(running.agentToken) })).status, 200)
  const doors = running.app.routeTable.filter(({ config }) => config?.agentOnly)
  t.same([...new Set(doors.map(({ url }) => url))], ['/mcp'], 'no other route has these doors')
})

t.test('a foreign Host and a foreign page are refused with the right token too', async (t) => {
  const running = await startApp(t)
  const good = bearer(running.agentToken)
  const status = async (headers: Record<string, string>) =>
    (await send(running, { headers: { ...good, ...headers } })).status
  t.equal(await status({ host: 'evil.example' }), 403)
  t.equal(await status({ origin: 'http://evil.example' }), 403)
  t.equal(await status({ origin: 'null' }), 403)
  t.equal(await status({ host: '127.0.0.1:4700', origin: ORIGIN }), 200, 'our own page may')
})

t.test('there is neither a stream to open nor a session to end', async (t) => {
  const running = await startApp(t)
  const headers = { ...bearer(running.agentToken), accept: 'text/event-stream' }
  for (const method of ['GET', 'DELETE']) {
    const answer = await send(running, { method, headers })
    t.equal(answer.status, 405, method)
    t.equal(answer.headers.allow, 'POST')
  }
  const asked = await send(running, { headers: bearer(running.agentToken) })
  t.equal(asked.headers['mcp-session-id'], undefined)
  const listened = await send(running, {
    headers: {
      ...bearer(running.agentToken),
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: {
        notifications: { toolsListChanged: true },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  })
  t.match(JSON.parse(listened.text), { error: { code: -32603 } }, 'nothing is left open')
})

t.test('a restarted api answers the same client again', async (t) => {
  const running = await startApp(t)
  const { call } = await attach(t, running)
  t.match(await call('status'), { isError: false })
  await running.app.close()
  await t.rejects(call('status'), 'while it is down')
  const { db, clock, config, luci } = running
  const bell = await openBell(db, clock)
  const again = await buildApp({ db, bell, clock, config, luci, log: silentLog, version: '2' })
  t.teardown(async () => {
    await again.close()
    await bell.close()
  })
  await again.listen({ host: '127.0.0.1', port: config.http.port })
  t.match(await call('status'), { isError: false, said: { version: '2' } })
})

t.test('what is no message of the protocol is refused', async (t) => {
  const running = await startApp(t)
  const good = bearer(running.agentToken)
  const status = async (sent: Sent) => {
    const answer = await send(running, { ...sent, headers: { ...good, ...sent.headers } })
    t.notMatch(answer.text, /node_modules|\.ts:/)
    return answer.status
  }
  t.equal(await status({ body: '{' }), 400)
  t.equal(await status({ body: '' }), 400)
  t.equal(await status({ body: '{"hello": 1}' }), 400)
  t.equal(await status({ body: '[]' }), 400)
  t.equal(await status({ body: JSON.stringify(Array(1_000).fill(JSON.parse(list))) }), 400)
  t.equal(await status({ headers: { accept: 'text/html' } }), 406)
  t.equal(await status({ headers: { 'content-type': 'text/plain' } }), 415)
  t.equal(await status({ headers: { 'mcp-protocol-version': '1999-01-01' } }), 400)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(await status({ headers: form, body: 'jsonrpc=2.0' }), 415)
})

t.test('an oversized body is not read to its end', async (t) => {
  const running = await startApp(t)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x', params: 'x'.repeat(3e6) })
  const answer = await send(running, { headers: bearer(running.agentToken), body })
  t.equal(answer.status, 413)
  t.match(JSON.parse(answer.text), { status: 413, title: 'That is too large' })
})

t.test('one that runs wild is slowed down', async (t) => {
  const running = await startApp(t, { listen: false })
  const headers = { ...bearer(running.agentToken), host: '127.0.0.1' }
  const statuses = new Set<number>()
  // Without a body nothing is loaded and nothing done, but it counts.
  for (let i = 0; i < 601; i++)
    statuses.add((await running.app.inject({ method: 'POST', url: '/mcp', headers })).statusCode)
  t.same([...statuses], [415, 429])
})
