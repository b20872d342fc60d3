import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, UnreachableError } from '@mc/core/client/client.ts'
import { readEvents } from '@mc/core/client/events.ts'
import { AppError } from '@mc/core/errors.ts'
import t, { type Test } from 'tap'
import { freePort } from '../../support/postgres.ts'

const serve = async (test: Test, answer: RequestListener): Promise<string> => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.teardown(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a call carries the token, the turn and its body', async (t) => {
  const url = await serve(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { authorization, 'mc-turn': turn } = request.headers
    response.end(
      JSON.stringify({ line: `${request.method} ${request.url}`, authorization, turn, body }),
    )
  })
  const client = createClient({ url: `${url}/`, token: 'secret', turn: '7f3a9c' })
  t.same(await client.post('/x', { a: 1 }), {
    line: 'POST /x',
    authorization: 'Bearer secret',
    turn: '7f3a9c',
    body: '{"a":1}',
  })
  t.match(await client.get('/y', { q: 'a&b', none: undefined }), { line: 'GET /y?q=a%26b' })
})

t.test('a problem becomes an AppError with its hint; a failure of the api none', async (t) => {
  const url = await serve(t, (request, response) => {
    response.statusCode = request.url === '/busy' ? 409 : 500
    const problem = { code: 'conflict', detail: 'Luci is busy', hint: 'Wait.', problems: ['a'] }
    response.end(request.url === '/busy' ? JSON.stringify(problem) : '<h1>Oops</h1>')
  })
  const client = createClient({ url, token: 'x' })
  const refusal = await client.get('/busy').catch((error) => error)
  t.ok(refusal instanceof AppError)
  t.match(refusal, { code: 'conflict', message: 'Luci is busy', hint: 'Wait.', problems: ['a'] })
  const failure = await client.get('/broken').catch((error) => error)
  t.notOk(failure instanceof AppError)
  t.match(failure, { message: /500/ })
})

t.test('an api that is not there is unreachable, at once without patience', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}`
  const error = await createClient({ url, token: 'x' })
    .get('/')
    .catch((error) => error)
  t.ok(error instanceof UnreachableError)
  t.match(error, { code: 'unavailable', message: `Mission Control does not answer at ${url}` })
})

t.test('an answer that is cut off is never asked for again', async (t) => {
  let calls = 0
  const url = await serve(t, (request) => {
    calls++
    request.socket.destroy()
  })
  const client = createClient({ url, token: 'x', patienceMs: 60_000 })
  const error = await client.post('/once', {}).catch((error) => error)
  t.match(error, { code: 'unavailable', hint: /look before you repeat/ })
  t.equal(calls, 1)
})

t.test('events are read whatever the chunks they come in', async (t) => {
  const text =
    ': hello\n\nid: e-1\nevent: text\ndata: {"a":"ü👋"}\n\nretry: 5\r\n\r\ndata: two\r\ndata: lines\r\n\r\nid: e-3\nevent: gone\n\n'
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 2, 7, 1_000]) {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size)
          controller.enqueue(bytes.slice(at, at + size))
        controller.close()
      },
    })
    const events = []
    for await (const event of readEvents(stream)) events.push(event)
    t.same(
      events,
      [
        { id: 'e-1', event: 'text', data: { a: 'ü👋' } },
        { id: 'e-1', event: 'message', data: 'two\nlines' },
      ],
      `chunks of ${size}`,
    )
  }
})

t.test('a stream of events ends quietly when the listener leaves', async (t) => {
  const leaving = new AbortController()
  const url = await serve(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`id: a-1\nevent: hello\ndata: "${request.headers['last-event-id']}"\n\n`)
  })
  const client = createClient({ url, token: 'x' })
  const seen = []
  for await (const event of client.events('/e', { signal: leaving.signal, lastEventId: 'a-0' })) {
    seen.push(event)
    leaving.abort()
  }
  t.same(seen, [{ id: 'a-1', event: 'hello', data: 'a-0' }])
})
