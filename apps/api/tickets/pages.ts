import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import { presentAlert } from '../alerts/present.ts'
import { presentDay, statusChoices, statusWords } from '../board/present.ts'
import type { PageFrame } from '../frame/frame.ts'
import { presentItem } from '../inbox/present.ts'
import type { Nouns } from '../nouns.ts'
import { KeyParam } from '../schemas.ts'
import { ticketEditing } from './editing.ts'
import { presentDelegate, presentEvent, presentTicketRun, resolutionChoices } from './present.ts'
import { idOf } from './routes.ts'

/** Of what led to a ticket, the newest. */
const RELATED_SHOWN = 8
const EVENTS_SHOWN = 100

/** One ticket: what it is about, what happened to it, and what can be done. */
export const ticketPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  workers: Config['workers']
  clock: Clock
}> = async (app, { nouns, frame, workers, clock }) => {
  const { tickets, related } = nouns
  const withStatus = (ticket: Ticket) => ({ ...ticket, words: statusWords[ticket.status] })

  app.get('/tickets/:key', { schema: { params: KeyParam, hide: true } }, async (request, reply) => {
    const ticket = await tickets.get(idOf(request.params.key))
    const { id, parentId } = ticket
    const [events, blockers, blocking, parts, parent, runs, items, alerts] = await Promise.all([
      tickets.events(id),
      tickets.blockers(id),
      tickets.blocking(id),
      tickets.list({ parentId: id, limit: 100 }),
      parentId === null ? null : tickets.find(parentId),
      nouns.runs.list({ ticket: id, limit: 10 }),
      related.items(id, RELATED_SHOWN),
      related.alerts(id, RELATED_SHOWN),
    ])
    return frame.sendPage(request, reply, 'tickets/views/ticket', {
      page: 'board',
      title: `${ticket.key} ${ticket.title}`,
      ticket,
      day: presentDay(ticket, clock.now()),
      status: statusWords[ticket.status],
      events: events.slice(-EVENTS_SHOWN).map(presentEvent),
      eventsBefore: Math.max(0, events.length - EVENTS_SHOWN),
      blockers: blockers.map(withStatus),
      blocking: blocking.map(withStatus),
      parts: parts.map(withStatus),
      parent: parent && withStatus(parent),
      runs: runs.map((run) => presentTicketRun(run, workers, clock.now())),
      items: items.slice(0, RELATED_SHOWN).map(presentItem),
      alerts: alerts.slice(0, RELATED_SHOWN).map((alert) => presentAlert(alert, [], clock.now())),
      statusChoices: statusChoices.filter(({ id }) => id !== 'done' && id !== 'cancelled'),
      resolutionChoices,
      isOpen: ticket.closedAt === null,
      delegate: presentDelegate(runs, workers),
    })
  })

  await app.register(ticketEditing, { tickets, frame })
}
