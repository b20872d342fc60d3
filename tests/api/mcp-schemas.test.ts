import { Step } from '@mc/core/proposals/proposal.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { attach } from './mcp-client.ts'

t.test('every tool takes a plain object that the pickiest program accepts', async (t) => {
  const running = await startApp(t)
  const { client } = await attach(t, running)
  const { tools } = await client.listTools()
  for (const { name, description, inputSchema, annotations } of tools) {
    t.ok((description ?? '').length > 20, `${name} says what it does`)
    t.type(annotations?.readOnlyHint, 'boolean')
    t.match(inputSchema, { type: 'object', additionalProperties: false })
    for (const [path, schema] of walk(inputSchema as Schema)) {
      t.match(schema.type, /^(object|array|string|integer|boolean)$/, `${name}${path} has one type`)
      for (const word of ['$ref', '$defs', '$schema', 'anyOf', 'oneOf', 'allOf', 'const', 'not'])
        t.notOk(word in schema, `${name}${path} has no ${word}`)
    }
    const { properties = {}, required = [] } = inputSchema as Schema
    t.same(
      required.filter((one) => !(one in properties)),
      [],
    )
    t.match(properties.turn, { type: 'string', description: /\[mc 7f3a9c\]/ })
    t.equal(required.includes('turn'), !annotations?.readOnlyHint || name === 'turn_show', name)
  }
})

t.test('a tool takes exactly what its route takes', async (t) => {
  const running = await startApp(t)
  const { client } = await attach(t, running)
  const { tools } = await client.listTools()
  const inputOf = (name: string) =>
    tools.find((tool) => tool.name === name)?.inputSchema as Schema | undefined
  const route = running.app.routeTable.find(
    ({ method, url }) => method === 'POST' && url === '/api/v1/inbox/resolve',
  )
  const body = route?.schema?.body as Schema
  t.match(inputOf('inbox_resolve')?.properties?.verdicts, {
    minItems: body.properties?.verdicts?.minItems,
    maxItems: body.properties?.verdicts?.maxItems,
    items: { required: ['item', 'action', 'reason'], additionalProperties: false },
  })
  t.same(inputOf('inbox_show')?.required, ['item'])
  t.same(inputOf('ticket_comment')?.required, ['turn', 'key', 'body'])
  t.same(inputOf('turn_show')?.required, ['turn'])
  const steps = inputOf('propose')?.properties?.steps
  t.match(steps?.items, { required: ['do', 'name'], additionalProperties: false })
  t.same(steps?.items?.properties?.do?.enum, ['file', 'delegate', 'close', 'alert'])
  t.same(
    Object.keys(steps?.items?.properties ?? {}).sort(),
    [...new Set(Step.anyOf.flatMap(({ properties }) => Object.keys(properties)))].sort(),
    'a step has the fields of every kind of step',
  )
  t.same(Object.keys(inputOf('status')?.properties ?? {}), ['turn'])
})

type Schema = {
  [word: string]: unknown
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
}

const walk = (schema: Schema, path = ''): [string, Schema][] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => walk(one, `${path}.${name}`)),
  ...(schema.items ? walk(schema.items, `${path}[]`) : []),
]
