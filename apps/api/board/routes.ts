import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { isClosed, type TicketStatus, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import { Type } from 'typebox'
import { COUNT_SHOWN_MAX } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { toPage } from '../paging.ts'
import { presentColumns, statusChoices } from './present.ts'

const SHOWN_OPEN = 20
const SHOWN_CLOSED = 10
/** Of one status alone, page by page. */
const SHOWN_ALONE = 50

const Filter = Type.Object({
  status: Type.Optional(Type.Union([Type.Enum(ticketStatuses), Type.Literal('')])),
  label: Type.Optional(Type.String({ maxLength: 50 })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** The tickets by status; what is shown is in the address, so that it can be kept and sent. */
export const boardPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  app.get('/board', { schema: { querystring: Filter, hide: true } }, async (request, reply) => {
    const only = request.query.status || undefined
    const label = request.query.label || undefined
    const before = only ? request.query.before : undefined
    const column = async (status: TicketStatus) => {
      const limit = only ? SHOWN_ALONE : isClosed(status) ? SHOWN_CLOSED : SHOWN_OPEN
      const rows = await nouns.tickets.list({
        status,
        ...(label ? { label } : {}),
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return [status, toPage(rows, limit, (ticket) => ticket.id)] as const
    }
    const [lists, { byStatus }] = await Promise.all([
      Promise.all((only ? [only] : ticketStatuses).map(column)),
      nouns.overview.tickets(COUNT_SHOWN_MAX),
    ])
    return frame.sendPage(request, reply, 'board/views/board', {
      page: 'board',
      title: 'Board',
      columns: presentColumns(lists, byStatus, label),
      any: Object.values(byStatus).some((count) => count > 0),
      only: only ?? '',
      label: label ?? '',
      statusChoices,
    })
  })
}
