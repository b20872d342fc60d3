import type { Log } from '@mc/core/log.ts'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../problems.ts'
import { type Ask, type OfferedTool, Refusal } from './call-tool.ts'
import { inputSchema } from './input-schema.ts'
import { type Tool, tools } from './tools.ts'

/** Far more than a model calls, and enough to stop one that runs wild. */
const CALLS_A_MINUTE = 600

/**
 * The same verbs as MCP tools, for programs whose sandbox lets no command reach the api. A tool
 * is a route asked without a network: same schemas, same rights, same work, same problems.
 */
export const mcpRoutes: FastifyPluginAsync<{ log: Log; version: string }> = async (
  app,
  { log, version },
) => {
  const offered = tools.map((tool) => offer(app, tool))

  app.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer')
  })

  app.post(
    '/mcp',
    {
      schema: { hide: true },
      config: { agentOnly: true, rateLimit: { max: CALLS_A_MINUTE, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      // The SDK is 20 MB in memory and half a second, once: only who uses it pays.
      const { answerMcp } = await import('./server.ts')
      const turn = textOf(request.headers['mc-turn'])
      const ask = askAs(app, request)
      const front = { offered, ask, turn, version, log }
      const response = await answerMcp(toWebRequest(request), request.body, front)
      return reply
        .code(response.status)
        .headers(Object.fromEntries(response.headers))
        .send(await response.text())
    },
  )

  app.route({
    method: ['GET', 'DELETE'],
    url: '/mcp',
    schema: { hide: true },
    config: { agentOnly: true },
    // At once: some clients announce a body and send none.
    onRequest: onlyPost,
    handler: onlyPost,
  })
}

/** A stream from us and the end of a session: there is neither, and so the protocol says it. */
const onlyPost = async (_request: FastifyRequest, reply: FastifyReply): Promise<never> => {
  reply.header('allow', 'POST')
  throw Object.assign(new Error('There are no sessions and no streams here: POST each call.'), {
    statusCode: 405,
  })
}

/** Throws for a tool whose route is not there, so that no start goes well with one. */
const offer = (app: FastifyInstance, tool: Tool): OfferedTool => {
  // A list's route stands there as it was written, with a slash at its end.
  const route = app.routeTable.find(
    ({ method, url }) => method === tool.method && url.replace(/\/$/, '') === tool.url,
  )
  if (!route) throw new Error(`The tool ${tool.name} has no route ${tool.method} ${tool.url}`)
  return { tool, input: inputSchema(tool, route.schema ?? {}) }
}

/** Asks our own routes with the credential of `request`, all their checks included. */
const askAs =
  (app: FastifyInstance, request: FastifyRequest): Ask =>
  async ({ method, url, turn, body }) => {
    const response = await app.inject({
      method,
      url,
      remoteAddress: request.ip,
      headers: {
        host: request.headers.host ?? '',
        authorization: request.headers.authorization ?? '',
        ...(turn ? { 'mc-turn': turn } : {}),
      },
      ...(body ? { payload: body } : {}),
    })
    if (response.statusCode >= 400) throw new Refusal(response.json<Problem>())
    return response.json<Record<string, unknown>>()
  }

/** What the SDK reads of a request; its body was read already. */
const toWebRequest = (request: FastifyRequest): Request => {
  const headers = new Headers()
  for (const [name, given] of Object.entries(request.headers)) {
    const value = textOf(given)
    if (value !== undefined && /^(?:accept|content-type|mcp-.*)$/.test(name))
      headers.set(name, value)
  }
  return new Request(`http://${request.headers.host}${request.url}`, { method: 'POST', headers })
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value
