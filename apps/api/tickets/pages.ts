import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { statusChoices, statusWords } from '../board/present.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { KeyParam } from '../schemas.ts'
import { presentDelegate, presentEvent, presentTicketRun } from './present.ts'
import { idOf } from './routes.ts'

/** One ticket: what it is about, what happened to it, and what can be done. */
export const ticketPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  workers: Config['workers']
  clock: Clock
}> = async (app, { nouns, frame, workers, clock }) => {
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
      runs: runs.map((run) => presentTicketRun(run, workers, clock.now())),
      statusChoices,
      isOpen: ticket.closedAt === null,
      delegate: presentDelegate(runs, workers),
    })
  })
}
