import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { exportAll } from '@mc/core/export/export.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { callerOf } from '../safety/caller.ts'

const Export = Type.Object(
  {
    format: Type.Literal('mission-control-export-1'),
    version: Type.String(),
    exportedAt: Type.String({ format: 'date-time' }),
    tables: Type.Record(Type.String(), Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  },
  {
    description: 'Every table, rows as they are stored; credentials are left out.',
    examples: [
      {
        format: 'mission-control-export-1',
        version: '0.1.0',
        exportedAt: '2026-11-22T09:30:00.000Z',
        tables: { tickets: [{ id: 1, title: 'Renew the certificate', status: 'todo' }] },
      },
    ],
  },
)

/** Everything as one JSON document, streamed. */
export const exportRoute: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  version: string
}> = async (app, { db, clock, version }) => {
  app.get(
    '/api/v1/export',
    {
      schema: {
        tags: ['export'],
        summary: 'Export everything',
        description: 'One JSON document, streamed. For a person alone.',
        response: { 200: Export },
      },
    },
    async (request, reply) => {
      // Luci reads what she is asked about, page by page; all of it at once has no use but to leave.
      if (callerOf(request).kind === 'agent')
        throw new AppError('forbidden', 'Only a person may do this')
      const at = clock.now().toISOString()
      return reply
        .type('application/json; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="mission-control-${at.slice(0, 10)}.json"`,
        )
        .send(Readable.from(exportAll(db, { version, at })) as never)
    },
  )
}
