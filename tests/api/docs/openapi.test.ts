import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalog } from '@mc/api/docs/catalog.ts'
import { sampleOf } from '@mc/api/docs/sample.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import t from 'tap'
import { startApp } from '../../support/app.ts'
import { asCli, HOST, openPage, signInBy } from '../desk.ts'

type Json = Record<string, unknown>
type Operation = {
  operationId: string
  summary: string
  tags: string[]
  parameters: (Json & { $ref?: string; name?: string; description?: string })[]
  requestBody?: { content: Record<string, { example?: unknown; schema: Json }> }
  responses: Record<
    string,
    Json & { content?: Record<string, { example?: unknown; schema: Json }> }
  >
  security?: Json[]
}
type Document = {
  info: Json
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, Json>>
}

const running = await startApp(t)
const { app } = running
const document = (await asCli(running, 'GET', '/api/openapi.json')).json<Document>()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** Every route that is no page of ours, once, as the document names it. */
const routes = app.routeTable
  .filter(({ url }) => url.startsWith('/api/') || /^\/(?:healthz|readyz|metrics)$/.test(url))
  .filter(({ method, schema }) => method !== 'HEAD' && (schema as Json | undefined)?.hide !== true)
  .map(({ method, url }) => ({
    method: String(method),
    url: url.replace(/\/$/, ''),
    path: url.replace(/\/$/, '').replace(/:(\w+)/g, '{$1}'),
  }))

t.test('every route is in the document, with words, examples, errors and who may', async (t) => {
  t.ok(routes.length > 70)
  for (const { method, path } of routes) {
    const name = `${method} ${path}`
    const operation = document.paths[path]?.[method.toLowerCase()]
    if (!operation) {
      t.fail(`${name} is not in the document`)
      continue
    }
    t.ok(operation.summary.length > 5, `${name} has a summary: add it to apps/api/docs/catalog/`)
    t.equal(operation.tags.length, 1, `${name} has a tag`)
    for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {}))
      t.not(example, undefined, `${name} has an example of its ${type} body`)
    const answers = Object.entries(operation.responses)
    const good = answers.filter(([status]) => status < '400' || status === '503')
    t.ok(good.length > 0, `${name} has an answer`)
    for (const [status, { content }] of good)
      if (content)
        for (const { schema, example } of Object.values(content)) {
          t.ok(schema, `${name} ${status} has a schema`)
          t.ok(
            example !== undefined || schema.$ref !== undefined,
            `${name} ${status} has an example`,
          )
        }
    const problems = answers.flatMap(([, { $ref }]) => (typeof $ref === 'string' ? [$ref] : []))
    t.ok(problems.includes('#/components/responses/Internal'), `${name} has its errors`)
    for (const ref of problems)
      t.ok(document.components.responses?.[ref.split('/').at(-1) ?? ''], `${ref} is there`)
    if (operation.security?.length !== 0 && !path.startsWith('/healthz'))
      t.ok(
        path === '/readyz' ||
          path.endsWith('schema.json') ||
          problems.join().includes('Unauthorized'),
        `${name} needs a credential`,
      )
    for (const one of operation.parameters)
      if (one.name === 'cursor' || one.name === 'limit')
        t.ok(one.description, `${name} ${one.name}`)
  }
  t.same(
    operations.map(({ operation }) => operation.operationId).sort(),
    [...new Set(operations.map(({ operation }) => operation.operationId))].sort(),
    'no name is given twice',
  )
  t.match(document.info.description, /\/mcp/)
  const there = routes.map(({ method, url }) => `${method} ${url}`)
  for (const name of Object.keys(catalog)) t.ok(there.includes(name), `${name} is a route`)
})

t.test('every changing route honours Idempotency-Key, and takes the body it shows', async (t) => {
  const { db } = running
  const changing = routes.filter(({ method }) => method !== 'GET')
  for (const [n, { method, url, path }] of changing.entries()) {
    const operation = document.paths[path]?.[method.toLowerCase()]
    const [credential] = await db.kysely
      .selectFrom('credentials')
      .select('id')
      .where('kind', '=', 'cli')
      .execute()
    const key = `taken-${n}`
    await db.kysely
      .insertInto('idempotency_keys')
      .values({
        key: `${credential?.id}:${key}`,
        request_hash: 'of another request',
        created_at: new Date().toISOString(),
      })
      .execute()
    const [body] = Object.values(operation?.requestBody?.content ?? {})
    const filled = url.replace(/:(\w+)/g, (_all, name: string) =>
      String(
        operation?.parameters.find((one) => one.name === name && one.in === 'path')?.example ?? 'x',
      ),
    )
    const answer = await asCli(
      running,
      method as 'POST',
      filled,
      (body?.example ?? (url.endsWith('/attachments') ? undefined : {})) as object,
      { 'idempotency-key': key },
    )
    t.match(
      answer.json(),
      { status: 409, code: 'conflict', detail: /Idempotency-Key was used for another request/ },
      `${method} ${url}`,
    )
    t.ok(
      operation?.parameters.some(({ $ref }) => $ref === '#/components/parameters/IdempotencyKey'),
      `${method} ${url} says so`,
    )
  }
})

t.test('an answer that holds a secret is not kept', async (t) => {
  const ask = () =>
    asCli(running, 'POST', '/api/v1/sign_in_links', undefined, { 'idempotency-key': 'link' })
  t.equal((await ask()).statusCode, 201)
  t.match((await ask()).json(), { status: 409, hint: /held a secret/ })
  const rows = await running.db.kysely
    .selectFrom('idempotency_keys')
    .select('response')
    .where('key', 'like', '%:link')
    .execute()
  t.same(rows, [{ response: null }])
})

t.test('a change is done once with a key, whatever the method', async (t) => {
  const { key } = (await asCli(running, 'POST', '/api/v1/tickets', { title: 'Once' })).json<{
    key: string
  }>()
  const change = (title: string) =>
    asCli(running, 'PATCH', `/api/v1/tickets/${key}`, { title }, { 'idempotency-key': 'p' })
  const first = await change('Changed')
  t.match(first.json(), { title: 'Changed', version: 2 })
  const again = await change('Changed')
  t.equal(again.headers['idempotent-replay'], 'true')
  t.same(again.json(), first.json())
  t.equal((await change('Other')).statusCode, 409)
})

t.test('a client made from the file walks the desk', async (t) => {
  const api = new OpenAPIClientAxios({
    definition: document as never,
    axiosConfigDefaults: {
      baseURL: running.url,
      headers: { authorization: `Bearer ${running.cliToken}` },
      validateStatus: () => true,
    },
  })
  // biome-ignore lint/suspicious/noExplicitAny: its methods are made from the file at run time
  const desk = (await api.init()) as any
  const sent = await desk.send({}, { text: 'What needs me?' })
  t.equal(sent.status, 202)
  const { id } = sent.data.turn
  await running.luci.say(id, 'Nothing.')
  await running.luci.finish(id)
  t.match((await desk.harvest({ turn: id })).data, { text: 'Nothing.', done: true })

  const filed = await desk.createTicket({}, { title: 'From a client', labels: ['client'] })
  t.equal(filed.status, 201)
  const { key, version } = filed.data
  const listed = await desk.listTickets({ label: 'client', limit: 1 })
  t.same(
    listed.data.items.map((one: Json) => one.key),
    [key],
  )
  t.match((await desk.changeTicket({ key }, { title: 'Better', version })).data, { version: 2 })
  const stale = await desk.changeTicket({ key }, { title: 'Worse', version })
  t.equal(stale.status, 409)
  t.match(stale.headers['content-type'], /problem\+json/)
  t.match(stale.data, { code: 'conflict', detail: String })

  const posted = await desk.postItem({}, { source: 'client', message: 'disk 3 is failing' })
  t.equal(posted.status, 201)
  t.match((await desk.showItem({ id: posted.data.id })).data, { status: 'pending' })
  t.match((await desk.postItem({}, { source: 'client' })).data, { status: 400, code: 'invalid' })
  t.equal((await desk.showTicket({ key: 'MC-999' })).status, 404)
})

t.test('everything that goes wrong is a problem, whatever it is', async (t) => {
  const ask = (method: string, url: string, headers: Json = {}, payload?: string) =>
    app.inject({
      method: method as 'GET',
      url,
      headers: { host: HOST, authorization: `Bearer ${running.cliToken}`, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
  const json = { 'content-type': 'application/json' }
  const wrong: [number, Awaited<ReturnType<typeof ask>>][] = [
    [404, await ask('GET', '/api/v1/nothing')],
    [404, await ask('GET', '/api/v1/tickets/MC-999')],
    [405, await ask('DELETE', '/api/v1/tickets/MC-1')],
    [400, await ask('POST', '/api/v1/tickets', json, '{"title":')],
    [400, await ask('POST', '/api/v1/tickets', json, '{}')],
    [400, await ask('GET', '/api/v1/tickets?limit=9999')],
    [400, await ask('GET', '/api/v1/tickets?cursor=x')],
    [400, await ask('GET', '/api/v1/tickets/%')],
    [413, await ask('POST', '/api/v1/tickets', json, JSON.stringify({ title: 'x'.repeat(3e6) }))],
    [415, await ask('POST', '/api/v1/tickets', { 'content-type': 'text/x-odd' }, 'title')],
    [401, await ask('GET', '/api/v1/tickets', { authorization: 'Bearer none' })],
    [403, await ask('GET', '/api/v1/tickets', { host: 'evil.example' })],
  ]
  const signIn = () =>
    app.inject({ url: '/sign-in?token=none', headers: { host: HOST }, remoteAddress: '192.0.2.7' })
  for (let n = 0; n < 10; n++) await signIn()
  wrong.push([429, await signIn()])
  for (const [status, answer] of wrong) {
    t.equal(answer.statusCode, status, answer.body)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, String(status))
    t.match(answer.json(), { status, code: String, title: String, detail: String })
  }
  t.equal(wrong[2]?.[1].headers.allow, 'GET, HEAD, PATCH')
})

t.test('the page of the api shows every operation, to who is signed in', async (t) => {
  t.equal((await app.inject({ url: '/api/docs', headers: { host: HOST } })).statusCode, 401)
  const page = await openPage(running, await signInBy(running), '/api/docs')
  t.equal(page.statusCode, 200)
  for (const { operation } of operations)
    t.ok(page.body.includes(`<details id="${operation.operationId}"`), operation.operationId)
  t.notMatch(page.body, /<script>|<style|style="/, 'nothing that our policy would refuse')
})

t.test('the file in the project is the document as it is now', async (t) => {
  const kept = readFileSync(join(projectRoot, 'ops', 'openapi.json'), 'utf8')
  t.same(JSON.parse(kept), document, 'run "npx -y pnpm@12 openapi"')
})

t.test('a sample fits its schema, however it is written', async (t) => {
  const known = { Named: { examples: [{ a: 1 }] } }
  t.same(sampleOf({ $ref: '#/components/schemas/Named' }, known), { a: 1 })
  t.same(sampleOf({ type: 'object', properties: { n: { type: 'integer', minimum: 3 } } }, known), {
    n: 3,
  })
  t.same(sampleOf({ type: 'array', items: { anyOf: [{ const: 'x' }] } }, known), ['x'])
  t.same(sampleOf(undefined, known), null)
})
