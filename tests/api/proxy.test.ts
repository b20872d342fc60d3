import { scryptSync } from 'node:crypto'
import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

/*
 * A real proxy on loopback, as Caddy (which keeps the Host) and nginx (which by default does not)
 * stand before it. The test plays the browser at https://desk.example.
 */

const PUBLIC = 'https://desk.example'
const PASSWORD = 'correct horse battery staple'
const key = scryptSync(PASSWORD, 'salt', 32, { N: 1024, r: 8, p: 1 })
const HASH = `scrypt:1024:8:1:${Buffer.from('salt').toString('base64url')}:${key.toString('base64url')}`

type Proxied = { running: RunningApp; port: number }

const startProxied = async (t: Test, { keepsHost = true, env = {} } = {}): Promise<Proxied> => {
  const running = await startApp(t, {
    env: { MC_PUBLIC_URL: PUBLIC, MC_PASSWORD_HASH: HASH, ...env },
  })
  const target = new URL(running.url)
  const proxy: Server = createServer((incoming, outgoing) => {
    const forward = ask(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: {
          ...incoming.headers,
          host: keepsHost ? 'desk.example' : target.host,
          'x-forwarded-for': String(incoming.headers['x-test-visitor'] ?? '203.0.113.1'),
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'desk.example',
        },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(forward)
    outgoing.on('close', () => forward.destroy())
    forward.on('error', () => outgoing.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { running, port: (proxy.address() as AddressInfo).port }
}

const visit = async (
  { port }: Proxied,
  path: string,
  { headers = {}, form }: { headers?: Record<string, string>; form?: Record<string, string> } = {},
): Promise<IncomingMessage> => {
  const sent = ask({
    host: '127.0.0.1',
    port,
    path,
    method: form ? 'POST' : 'GET',
    headers: {
      accept: 'text/html',
      ...(form ? { origin: PUBLIC, 'content-type': 'application/x-www-form-urlencoded' } : {}),
      ...headers,
    },
  })
  sent.end(form ? new URLSearchParams(form).toString() : undefined)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return answer
}

const status = async (answer: Promise<IncomingMessage>): Promise<number> => {
  const { statusCode = 0 } = (await answer).resume()
  return statusCode
}

const signIn = (desk: Proxied, password = PASSWORD, visitor = '203.0.113.1') =>
  visit(desk, '/sign-in', {
    form: { password, _back: '/' },
    headers: { 'x-test-visitor': visitor },
  })

for (const keepsHost of [true, false])
  t.test(
    `behind a proxy that ${keepsHost ? 'keeps' : 'replaces'} the Host a person signs in and works`,
    async (t) => {
      const desk = await startProxied(t, { keepsHost })
      const entered = await signIn(desk)
      entered.resume()
      t.equal(entered.statusCode, 303)
      t.equal(entered.headers.location, '/')
      const set = String(entered.headers['set-cookie'])
      t.match(set, /Secure/)
      const cookie = set.split(';')[0] ?? ''
      const page = await visit(desk, '/alerts', { headers: { cookie } })
      t.equal(page.statusCode, 200)
      t.match(page.headers['strict-transport-security'], /max-age=\d{7,}/)
      let html = ''
      for await (const piece of page) html += piece
      const csrf = /name="csrf-token" content="([^"]+)"/.exec(html)?.[1] ?? ''
      const filed = await status(
        visit(desk, '/api/v1/tickets', {
          headers: { cookie },
          form: { title: 'Through the proxy', _csrf: csrf },
        }),
      )
      t.equal(filed, 303)
      const foreign = visit(desk, '/api/v1/tickets', {
        headers: { cookie, origin: 'https://evil.example' },
        form: { title: 'x', _csrf: csrf },
      })
      t.equal(await status(foreign), 403)
    },
  )

t.test('what happens comes through the proxy as it happens', async (t) => {
  const desk = await startProxied(t)
  const entered = await signIn(desk)
  entered.resume()
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? ''
  const stream = await visit(desk, '/api/v1/events', {
    headers: { cookie, accept: 'text/event-stream' },
  })
  t.equal(stream.headers['x-accel-buffering'], 'no')
  let heard = ''
  stream.on('data', (piece) => {
    heard += piece
  })
  await until('the stream to begin', () => heard.includes('retry:'))
  await desk.running.luci.send({ origin: 'user', text: 'hello' })
  await until('the message to be heard', () => heard.includes('event: turn'))
  stream.destroy()
})

t.test('tries to guess the password are counted for each visitor, not for the proxy', async (t) => {
  const desk = await startProxied(t)
  for (let n = 0; n < 8; n += 1) await status(signIn(desk, 'guess', '198.51.100.7'))
  t.equal(await status(signIn(desk, PASSWORD, '198.51.100.7')), 429)
  t.equal(await status(signIn(desk, PASSWORD, '203.0.113.9')), 303)
})

t.test('a proxy that is not trusted cannot say who the visitor is', async (t) => {
  const desk = await startProxied(t, { env: { MC_TRUST_PROXY: 'none' } })
  for (let n = 0; n < 8; n += 1) await status(signIn(desk, 'guess', `198.51.100.${n}`))
  t.equal(await status(signIn(desk, PASSWORD, '203.0.113.9')), 429)
})
