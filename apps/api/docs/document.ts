import type { RouteOptions } from 'fastify'
import { tags } from './catalog/entry.ts'
import { catalog } from './catalog.ts'
import { sampleOf } from './sample.ts'
import { paramExamples, shapes } from './shapes.ts'

type Json = Record<string, unknown>
export type Operation = Json & {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Json[]
  requestBody?: { content: Record<string, Json> }
  responses: Record<string, Json>
}
export type OpenApi = Json & {
  info: Json
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json> } & Json
}
type Route = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>

const methods = ['get', 'post', 'put', 'patch', 'delete']
const ref = (part: string, name: string) => ({ $ref: `#/components/${part}/${name}` })

/** Every way an answer can be a problem, and when. */
const problems: Record<string, { name: string; about: string; code: string; detail: string }> = {
  400: {
    name: 'Invalid',
    about: 'The request could not be understood; every mistake is named.',
    code: 'invalid',
    detail: 'body/title must have required property title',
  },
  401: {
    name: 'Unauthorized',
    about: 'No credential, or one that is not valid.',
    code: 'unauthorized',
    detail: 'You are not signed in',
  },
  403: {
    name: 'Forbidden',
    about: 'The credential does not give this right, or the page was not ours.',
    code: 'forbidden',
    detail: 'Only a person may do this',
  },
  404: {
    name: 'NotFound',
    about: 'It is not there.',
    code: 'not_found',
    detail: 'There is no ticket "MC-99"',
  },
  409: {
    name: 'Conflict',
    about:
      'Something changed meanwhile, it cannot be done as things are, or the Idempotency-Key was used for another request.',
    code: 'conflict',
    detail: 'This Idempotency-Key was used for another request',
  },
  413: {
    name: 'TooLarge',
    about: 'The body is too large.',
    code: 'invalid',
    detail: 'Request body is too large',
  },
  415: {
    name: 'UnsupportedType',
    about: 'The body is neither JSON nor a form.',
    code: 'invalid',
    detail: 'Unsupported Media Type',
  },
  429: {
    name: 'TooMany',
    about: 'Too many tries; the hint and the header retry-after say how long to wait.',
    code: 'invalid',
    detail: 'Too many tries from your address',
  },
  500: {
    name: 'Internal',
    about: 'Our fault; the log of the api has the details.',
    code: 'internal',
    detail: 'An unexpected error; the log of the api has the details.',
  },
  503: {
    name: 'Unavailable',
    about: 'Switched off, or away for now.',
    code: 'unavailable',
    detail: 'Chat with Luci is switched off',
  },
}

/**
 * What the routes' schemas alone do not say: names, words, examples, every error, who may. Takes
 * the generated document, gives the one that is published.
 */
export const completeDocument = (raw: OpenApi, routes: readonly Route[]): OpenApi => {
  const named = nameShapes(raw)
  const paths: OpenApi['paths'] = {}
  for (const [path, operations] of Object.entries(named.paths)) {
    // A list's route was written with a slash at its end; both are answered.
    const url = path.length > 1 ? path.replace(/\/$/, '') : path
    for (const [method, operation] of Object.entries(operations)) {
      if (!methods.includes(method)) continue
      const route = routes.find(
        (one) =>
          one.method === method.toUpperCase() && one.url.replace(/\/$/, '') === fastifyUrl(url),
      )
      paths[url] ??= {}
      paths[url][method] = complete(operation, method, fastifyUrl(url), route, schemasOf(named))
    }
  }
  return {
    ...named,
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    servers: [{ url: '/', description: 'This Mission Control' }],
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      ...named.components,
      schemas: { ...schemasOf(named) },
      responses: responses(),
      parameters,
      securitySchemes,
    },
  }
}

const schemasOf = (document: OpenApi): Record<string, Json> => document.components.schemas

const fastifyUrl = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

/** Where a schema is one of ours to the letter, its name takes its place. */
const nameShapes = (raw: OpenApi): OpenApi => {
  const names = new Map<string, string>()
  for (const [name, { schema }] of Object.entries(shapes)) names.set(JSON.stringify(schema), name)
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const name = names.get(JSON.stringify(value))
    if (name) return ref('schemas', name)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]))
  }
  const schemas: Record<string, Json> = {}
  for (const [name, { schema, example }] of Object.entries(shapes)) {
    const { properties, ...rest } = JSON.parse(JSON.stringify(schema)) as Json
    schemas[name] = { ...rest, properties: walk(properties), examples: [example] }
  }
  return {
    ...raw,
    paths: walk(raw.paths) as OpenApi['paths'],
    components: { ...raw.components, schemas },
  }
}

const complete = (
  operation: Operation,
  method: string,
  url: string,
  route: Route | undefined,
  known: Record<string, Json>,
): Operation => {
  const entry = catalog[`${method.toUpperCase()} ${url}`]
  const { open = false, may, metrics } = route?.config ?? {}
  const changes = method !== 'get'
  const rights = !changes
    ? null
    : may === 'digest'
      ? 'Luci may too: in a person’s turn, and in a digest turn for its own items.'
      : may === 'verdict'
        ? 'Luci may too: in a person’s turn, and in a digest turn for its own items, also for a quarter of an hour after its deadline.'
        : may === 'turn'
          ? 'Luci may too, in a person’s turn.'
          : null
  const description = [operation.description ?? entry?.about, rights].filter(Boolean).join('\n\n')
  const statuses = [
    ...(operation.parameters?.length || operation.requestBody ? ['400'] : []),
    ...(open ? [] : ['401', '403']),
    ...(url.includes(':') ? ['404'] : []),
    ...(changes ? ['409'] : []),
    ...(operation.requestBody ? ['413', '415'] : []),
    ...(route?.config && 'rateLimit' in route.config ? ['429'] : []),
    '500',
    ...(open ? [] : ['503']),
  ]
  const errors = Object.fromEntries(
    statuses.map((status) => [status, ref('responses', problems[status]?.name ?? 'Internal')]),
  )
  const { requestBody } = operation
  return {
    ...operation,
    operationId: entry?.id ?? operation.operationId ?? nameOf(method, url),
    summary: operation.summary ?? entry?.summary ?? '',
    ...(description ? { description } : {}),
    tags: [tagOf(entry?.tag ?? operation.tags?.[0])],
    ...security(open, metrics ?? false, changes),
    parameters: [
      ...(operation.parameters ?? []).map((one) => withExample(one)),
      ...(changes && !open ? [ref('parameters', 'IdempotencyKey')] : []),
      ...(changes && rights ? [ref('parameters', 'Turn')] : []),
    ],
    ...(requestBody ? { requestBody: bodyWithExample(requestBody, entry?.body, known) } : {}),
    responses: { ...answersOf(operation, entry?.answer, known), ...errors },
  }
}

/** One that the page has a section for. */
const tagOf = (tag: string | undefined): string =>
  tag !== undefined && Object.hasOwn(tags, tag) ? tag : 'more'

const nameOf = (method: string, url: string): string =>
  [method, ...url.split(/[^A-Za-z0-9]+/).filter((part) => part !== '' && part !== 'v1')]
    .map((part, n) => (n === 0 ? part : part[0]?.toUpperCase() + part.slice(1)))
    .join('')

const security = (open: boolean, metrics: boolean, changes: boolean): Json => {
  if (open) return { security: metrics ? [{}, { bearer: [] }] : [] }
  return changes ? { security: [{ bearer: [] }, { session: [], csrf: [] }] } : {}
}

const withExample = (parameter: Json): Json => {
  const name = String(parameter.name)
  if (parameter.in === 'path') {
    const { type, examples, enum: choices } = (parameter.schema ?? {}) as Json
    const own = parameter.example ?? [examples, choices].find(Array.isArray)?.[0]
    const example = own ?? paramExamples[name] ?? (type === 'integer' ? 17 : 'backup')
    return { ...parameter, example }
  }
  return { ...parameter, description: parameter.description ?? parameterWords[name] ?? '' }
}

/** What stands on many routes is said once. */
const parameterWords: Record<string, string> = {
  cursor: 'Where to go on: "next" of the page before',
  limit: 'So many at most',
}

const bodyWithExample = (
  body: NonNullable<Operation['requestBody']>,
  example: unknown,
  known: Record<string, Json>,
) => ({
  ...body,
  content: Object.fromEntries(
    Object.entries(body.content).map(([type, media]) => [
      type,
      { ...media, example: example ?? media.example ?? sampleOf(media.schema as Json, known) },
    ]),
  ),
})

/** The answers that are no problem, each with an example. */
const answersOf = (
  { responses }: Operation,
  example: unknown,
  known: Record<string, Json>,
): Operation['responses'] =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const { content, description } = response as {
        content?: Record<string, Json>
        description?: string
      }
      const about = { description: words[status] ?? description ?? 'The answer' }
      if (status === '204') return [status, about]
      const media = content ?? { [mediaOf(example)]: { schema: { type: 'string' } } }
      return [
        status,
        {
          ...about,
          content: Object.fromEntries(
            Object.entries(media).map(([type, one]) => [
              type,
              // A shape of ours brings its own.
              (one.schema as Json).$ref !== undefined
                ? one
                : {
                    ...one,
                    example: example ?? one.example ?? sampleOf(one.schema as Json, known),
                  },
            ]),
          ),
        },
      ]
    }),
  )

const words: Record<string, string> = {
  200: 'As it is now',
  201: 'Made',
  202: 'Taken; it happens from here on',
  204: 'Gone',
}

const mediaOf = (example: unknown): string =>
  typeof example === 'string'
    ? example.startsWith('id: ')
      ? 'text/event-stream'
      : 'text/plain'
    : 'application/json'

const responses = (): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(problems).map(([status, { name, about, code, detail }]) => [
      name,
      {
        description: about,
        content: {
          'application/problem+json': {
            schema: ref('schemas', 'Problem'),
            example: { type: 'about:blank', title: about, status: Number(status), code, detail },
          },
        },
      },
    ]),
  )

const parameters: Record<string, Json> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Any text of yours, at most 200 characters. The same request with the same key within a day is done once and answered as the first time; another request with it is a 409.',
    schema: { type: 'string', maxLength: 200 },
    example: '5f2c1b7e-backup',
  },
  Turn: {
    name: 'mc-turn',
    in: 'header',
    required: false,
    description: 'Luci names the turn in whose right she acts. A person’s credential needs none.',
    schema: { type: 'string', maxLength: 20 },
    example: '7f3a9c',
  },
}

const securitySchemes: Record<string, Json> = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The token in credentials/cli under the data folder (Luci: credentials/agent; /metrics: credentials/metrics).',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'mc_session_4700',
    description: 'A browser that is signed in; the name ends in the port.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'x-csrf-token',
    description: 'A browser’s changes carry the token of the page, and its Origin.',
  },
}
