import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { statusChoices, statusWords } from '../board/present.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { KeyParam } from '../schemas.ts'
import { presentEvent, presentRun } from './present.ts'
import { idOf } from './routes.ts'

/** One ticket: what it is about, what happened to it, and what can be done. */
export const ticketPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  canDelegate: boolean
}> = async (app, { nouns, frame, canDelegate }) => {
  app.get('/tickets/:key', { schema: { params: KeyParam, hide: true } }, async (request, reply) => {
    const ticket = await nouns.tickets.get(idOf(request.params.key))
    const [events, blockers, runs] = await Promise.all([
      nouns.tickets.events(ticket.id),
      nouns.tickets.blockers(ticket.id),
      nouns.runs.list({ ticket: ticket.id, limit: 10 }),
    ])
    return frame.sendPage(request, reply, 'tickets/views/ticket', {
      page: 'board',
      title: `${ticket.key} ${ticket.title}`,
      ticket,
      status: statusWords[ticket.status],
      events: events.map(presentEvent),
      blockers: blockers.map((blocker) => ({ ...blocker, words: statusWords[blocker.status] })),
      runs: runs.map(presentRun),
      statusChoices,
      canDelegate: canDelegate && ticket.closedAt === null,
    })
  })
}
