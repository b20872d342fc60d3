import type { FastifyInstance } from 'fastify'
import type { PageFrame } from '../frame/frame.ts'
import { completeDocument, type OpenApi } from './document.ts'
import { presentDocument } from './present.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document; only once the app is ready. */
    describeApi(): OpenApi
  }
}

/** What @fastify/swagger makes the document from; the rest is added by `completeDocument`. */
export const openapiOptions = (version: string) => ({
  openapi: {
    openapi: '3.1.0' as const,
    info: {
      title: 'Mission Control',
      version,
      description:
        'The one front door and the one inbox of an always-on AI agent. Lists give `items` and `next`; ask again with `cursor` set to it, until it is null. Errors are application/problem+json (RFC 9457) with a code and what to do. The same verbs are MCP tools at /mcp (streamable HTTP, the agent’s credential alone).',
      license: { name: 'MIT' },
    },
  },
})

/** The document for programs, and as a page for people. */
export const serveDocs = (app: FastifyInstance, { frame }: { frame: PageFrame }): void => {
  let made: OpenApi | null = null
  const document = (): OpenApi => {
    made ??= completeDocument(app.swagger() as unknown as OpenApi, app.routeTable)
    return made
  }

  app.decorate('describeApi', document)
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => document())

  app.get('/api/docs', { schema: { hide: true } }, async (request, reply) =>
    frame.sendPage(request, reply, 'docs/views/docs', {
      page: null,
      title: 'API',
      ...presentDocument(document()),
    }),
  )
}
