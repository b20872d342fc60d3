import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { IMPORT_MAX, ImportedTicket, importTickets } from '@mc/core/tickets/import.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { actorOf, callerOf } from '../safety/caller.ts'

const BODY_BYTES_MAX = 16 * 1024 * 1024

const Import = Type.Object(
  {
    source: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      description: 'Where they come from, e.g. jira: a key of it is filed once',
    }),
    tickets: Type.Array(ImportedTicket, { minItems: 1, maxItems: IMPORT_MAX }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        source: 'jira',
        tickets: [
          { key: 'OPS-1', title: 'Renew the certificate', priority: 'critical' },
          { key: 'OPS-2', title: 'Tell the customers', blockedBy: ['OPS-1'] },
        ],
      },
    ],
  },
)

const Names = Type.Array(Type.Object({ from: Type.String(), key: Type.String() }))
const Imported = Type.Object(
  { filed: Names, known: Names },
  { examples: [{ filed: [{ from: 'OPS-1', key: 'MC-12' }], known: [] }] },
)

/** Tickets from elsewhere, all of them or none. */
export const importRoutes: FastifyPluginAsyncTypebox<{ db: Database; clock: Clock }> = async (
  app,
  { db, clock },
) => {
  app.post(
    '/import',
    {
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        tags: ['tickets'],
        summary: 'Import tickets',
        description:
          'All are filed or none. What an import of the same source filed before, by its key, is left as it is.',
        body: Import,
        response: { 201: Imported },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const by = actorOf(callerOf(request))
      reply.code(201)
      return importTickets(db, clock, request.body, by)
    },
  )
}
