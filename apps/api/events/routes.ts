import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { beginEvents } from '../event-stream.ts'
import type { Broadcaster } from './broadcaster.ts'

/** A listener this far behind is cut off; it returns with its last id. */
const BEHIND_BYTES_MAX = 1_000_000
const RETRY_MS = 1_000

/** Server-sent events: what happens, as it happens. `after` is for a first connection, which can send no header. */
export const eventRoutes: FastifyPluginAsyncTypebox<{ broadcaster: Broadcaster }> = async (
  app,
  { broadcaster },
) => {
  const open = new Set<() => void>()
  app.addHook('preClose', async () => {
    for (const end of [...open]) end()
  })

  app.get(
    '/api/v1/events',
    {
      schema: {
        querystring: Type.Object({
          after: Type.Optional(Type.String({ maxLength: 60 })),
          as: Type.Optional(
            Type.Enum(['program', 'page'], {
              description: 'page: replies come as HTML (html), not as words (text)',
            }),
          ),
        }),
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const header = request.headers['last-event-id']
      const last = (typeof header === 'string' ? header : request.query.after) || null
      const raw = beginEvents(reply, RETRY_MS)
      const end = () => {
        open.delete(end)
        unsubscribe()
        raw.end()
      }
      const unsubscribe = broadcaster.subscribe(
        last,
        (text) => {
          if (raw.writableLength > BEHIND_BYTES_MAX) return raw.destroy()
          raw.write(text)
        },
        request.query.as,
      )
      open.add(end)
      raw.on('close', end)
    },
  )
}
