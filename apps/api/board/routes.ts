import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Ticket, type TicketStatus, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { presentColumns, statusChoices } from './present.ts'

const SHOWN_OPEN = 50
const SHOWN_CLOSED = 15

const Filter = Type.Object({
  status: Type.Optional(Type.Union([Type.Enum(ticketStatuses), Type.Literal('')])),
  label: Type.Optional(Type.String({ maxLength: 50 })),
})

/** The tickets by status; what is shown is in the address, so that it can be kept and sent. */
export const boardPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  app.get('/board', { schema: { querystring: Filter, hide: true } }, async (request, reply) => {
    const only = request.query.status || undefined
    const label = request.query.label || undefined
    const column = (status: TicketStatus) =>
      nouns.tickets.list({
        status,
        ...(label ? { label } : {}),
        limit: status === 'done' || status === 'cancelled' ? SHOWN_CLOSED : SHOWN_OPEN,
      })
    const [lists, { byStatus }] = await Promise.all([
      Promise.all(ticketStatuses.map(async (status) => [status, await column(status)] as const)),
      nouns.overview.tickets(),
    ])
    const tickets = Object.fromEntries(lists) as Record<TicketStatus, Ticket[]>
    return frame.sendPage(request, reply, 'board/views/board', {
      page: 'board',
      title: 'Board',
      columns: presentColumns(tickets, byStatus, only),
      any: Object.values(byStatus).some((count) => count > 0),
      only: only ?? '',
      label: label ?? '',
      statusChoices,
    })
  })
}
