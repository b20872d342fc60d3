import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRedactor } from '@mc/core/redaction/redact.ts'
import type { HttpRequest } from '@mc/core/tasks/task.ts'
import { runHttp } from '@mc/scheduler/run-http.ts'
import t, { type Test } from 'tap'
import { freePort } from '../support/postgres.ts'

/** A real server on loopback, closed after the test. */
const serve = async (test: Test, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
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

const ask = (
  url: string,
  over: Partial<HttpRequest> = {},
  limits: { timeoutMs?: number; secrets?: string[]; signal?: AbortSignal } = {},
) =>
  runHttp(
    {
      method: 'GET',
      url,
      headers: {},
      body: null,
      expect: { statuses: [], contains: null },
      ...over,
    },
    {
      timeoutMs: limits.timeoutMs ?? 30_000,
      redact: createRedactor(limits.secrets ?? []),
      signal: limits.signal ?? new AbortController().signal,
    },
  )

t.test('a success is any 2xx, or what was expected', async (t) => {
  const url = await serve(t, (request, response) => {
    response.statusCode = Number(request.url?.slice(1))
    response.end('all is well')
  })
  t.match(await ask(`${url}/200`), { status: 'ok', output: /^GET .*\n200 OK\n\nall is well/ })
  t.match(await ask(`${url}/204`), { status: 'ok' })
  t.match(await ask(`${url}/500`), { status: 'failed', code: 500, passing: true })
  t.match(await ask(`${url}/404`), { status: 'failed', code: 404, passing: false })
  const expect = { statuses: [404], contains: null }
  t.match(await ask(`${url}/404`, { expect }), { status: 'ok' })
  t.match(await ask(`${url}/200`, { expect }), {
    status: 'failed',
    cause: 'Expected 404, got HTTP 200',
  })
})

t.test('the body must contain what was expected', async (t) => {
  const url = await serve(t, (_, response) => response.end('degraded'))
  t.match(await ask(url, { expect: { statuses: [], contains: 'healthy' } }), {
    status: 'failed',
    cause: /to contain "healthy"/,
  })
  t.match(await ask(url, { expect: { statuses: [], contains: 'degraded' } }), { status: 'ok' })
})

t.test('of a large answer the first MiB is looked at, and that is said', async (t) => {
  const url = await serve(t, (request, response) => {
    const body = Buffer.from(`${'x'.repeat(1_048_570)}edge!!healthy`)
    if (request.url === '/sized') response.setHeader('content-length', body.byteLength)
    if (request.url === '/huge') response.setHeader('content-length', 2 ** 40)
    response.write(body)
    if (request.url !== '/huge') response.end()
  })
  const contains = (text: string) => ({ expect: { statuses: [], contains: text } })
  t.match(await ask(`${url}/sized`, contains('edge!!')), { status: 'ok' })
  const sized = await ask(`${url}/sized`, contains('healthy'))
  t.match(sized, {
    status: 'failed',
    cause: /"healthy", and it is not in the first 1 MiB of the answer$/,
    output: /edge!!\n\[… only the first 1 MiB of the answer was read …\]$/,
  })
  const gap = Number(/\[… (\d+) bytes dropped …\]/.exec(sized.output)?.[1])
  t.equal(sized.droppedBytes, gap + 'healthy'.length)
  for (const path of ['streamed', 'huge'])
    t.match(await ask(`${url}/${path}`, contains('edge')), { status: 'ok', droppedBytes: null })
})

t.test('401, 407 and a plain 403 are refusals; one about quota is a failure', async (t) => {
  const url = await serve(t, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    response.statusCode = Number(pathname.slice(1))
    response.end(searchParams.get('body') ?? '')
  })
  t.match(await ask(`${url}/401`), { status: 'auth', cause: /401/ })
  t.match(await ask(`${url}/407`), { status: 'auth', cause: /407/, code: 407, passing: false })
  t.match(await ask(`${url}/403`), { status: 'auth' })
  for (const body of ['quota exceeded', 'check your billing', 'rate limit reached'])
    t.match(await ask(`${url}/403?body=${encodeURIComponent(body)}`), { status: 'failed' }, body)
})

t.test('what was sent arrives', async (t) => {
  const url = await serve(t, (request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => response.end(`${request.method} ${request.headers['x-one']} ${body}`))
  })
  t.match(await ask(url, { method: 'POST', headers: { 'x-one': '1' }, body: 'hello' }), {
    output: /POST 1 hello/,
  })
})

t.test('a body arrives whole with every method', async (t) => {
  const url = await serve(t, (request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () =>
      response.end(`${request.method} ${request.headers['content-length']} ${body}`),
    )
  })
  for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'] as const) {
    const { status, output } = await ask(url, {
      method,
      headers: { 'Content-Length': '1' },
      body: 'grüße',
    })
    t.match({ status, output }, { status: 'ok', output: new RegExp(`${method} 7 grüße$`) }, method)
  }
})

t.test(
  'a server that never answers is a time-out; one that is not there may come back',
  async (t) => {
    const url = await serve(t, () => {})
    t.match(await ask(url, {}, { timeoutMs: 100 }), { status: 'timeout', passing: true })
    t.match(await ask(`http://127.0.0.1:${await freePort()}/`), {
      status: 'failed',
      cause: /No answer/,
      passing: true,
    })
    t.match(await ask('http://'), { status: 'could_not_start', passing: false })
  },
)

t.test('retry-after is heard', async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(429, { 'retry-after': '7' }).end()
  })
  t.match(await ask(url), { status: 'failed', passing: true, retryAfterMs: 7_000 })
})

t.test('too many requests without a word on when is not tried again', async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(429).end())
  t.match(await ask(url), { status: 'failed', passing: false })
})

t.test('an answer that says it was about the credential is believed', async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(500).end('{"cause":"auth"}')
  })
  t.match(await ask(url), { status: 'auth' })
})

t.test('a redirect is followed, and takes no credential to another origin', async (t) => {
  const there = await serve(t, (request, response) =>
    response.end(`${request.method} ${request.headers.authorization ?? 'nothing'}`),
  )
  const here = await serve(t, (request, response) => {
    const at = request.url === '/away' ? there : '/here'
    if (request.url === '/here') response.end(`${request.headers.authorization}`)
    else response.writeHead(302, { location: at }).end()
  })
  const headers = { authorization: 'Basic one' }
  t.match(await ask(`${here}/away`, { method: 'POST', headers, body: 'x' }), {
    output: /GET nothing$/,
  })
  t.match(await ask(`${here}/stay`, { headers }), { output: /Basic one$|redacted/ })
})

t.test('a secret in the address or the answer is not kept', async (t) => {
  const url = await serve(t, (request, response) => response.end(`you came by ${request.url}`))
  const { output } = await ask(`${url}/?k=verysecretvalue`, {}, { secrets: ['verysecretvalue'] })
  t.notMatch(output, 'verysecretvalue')
  t.match(output, /redacted/)
})
