import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { isClosed, type TicketStatus, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import { COUNT_SHOWN_MAX } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { toPage } from '../paging.ts'
import { withRuns } from '../tickets/state.ts'
import { boardChanges } from './changes.ts'
import { BoardQuery, chipsOf, filterOf } from './filters.ts'
import { presentColumns, statusChoices } from './present.ts'

const SHOWN_OPEN = 15
const SHOWN_CLOSED = 6
/** Of one status alone, page by page. */
const SHOWN_ALONE = 50

/** The tickets by status. */
export const boardPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  clock: Clock
}> = async (app, { nouns, frame, clock }) => {
  app.get('/board', { schema: { querystring: BoardQuery, hide: true } }, async (request, reply) => {
    const { query } = request
    const only = query.status || undefined
    const before = only ? query.before : undefined
    const filter = filterOf(query)
    const isNarrowed = Object.keys(filter).length > 0
    const column = async (status: TicketStatus) => {
      const limit = only ? SHOWN_ALONE : isClosed(status) ? SHOWN_CLOSED : SHOWN_OPEN
      const rows = await nouns.tickets.list({
        ...filter,
        status,
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      const page = toPage(rows, limit, (ticket) => ticket.id)
      const items = isClosed(status) ? page.items : await withRuns(nouns.tickets, page.items)
      return [status, { ...page, items }] as const
    }
    const [lists, { byStatus }] = await Promise.all([
      Promise.all((only ? [only] : ticketStatuses).map(column)),
      nouns.overview.tickets(COUNT_SHOWN_MAX),
    ])
    return frame.sendPage(request, reply, 'board/views/board', {
      page: 'board',
      title: 'Board',
      columns: presentColumns(lists, byStatus, { query, isNarrowed, now: clock.now() }),
      any: Object.values(byStatus).some((count) => count > 0),
      query,
      chips: chipsOf(query),
      statusChoices,
    })
  })

  await app.register(boardChanges, { tickets: nouns.tickets })
}
