import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { totalText } from '@mc/core/costs/words.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { presentAlert } from '../alerts/present.ts'
import { presentActs } from '../autonomy/present.ts'
import { presentDay, statusChoices } from '../board/present.ts'
import type { PageFrame } from '../frame/frame.ts'
import { presentItem } from '../inbox/present.ts'
import type { Nouns } from '../nouns.ts'
import { KeyParam } from '../schemas.ts'
import { ticketEditing } from './editing.ts'
import { drawKin } from './kin-graph.ts'
import { presentEvent, resolutionChoices } from './present.ts'
import { idOf } from './routes.ts'
import { stateOf, withRuns } from './state.ts'
import { createAround } from './waiting.ts'
import { presentDelegate, presentWork } from './work.ts'

/** Of what led to a ticket, the newest. */
const RELATED_SHOWN = 8
const EVENTS_SHOWN = 100
/** Of what Luci did to it, the newest. */
const ACTS_SHOWN = 4
/** Of a log, on the ticket; its run shows more, as it comes. */
const SAID_BYTES_SHOWN = 4 * 1024

/** One ticket: what it is about, what happened to it, and what can be done. */
export const ticketPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  workers: Config['workers']
  clock: Clock
  held: () => Promise<Held | null>
}> = async (app, { nouns, frame, workers, clock, held }) => {
  const { tickets, related } = nouns
  const withStates = async (some: readonly Ticket[]) =>
    (await withRuns(tickets, some)).map((ticket) => ({ ...ticket, words: stateOf(ticket) }))

  const aroundOf = createAround({ runs: nouns.runs, beats: nouns.workers, workers, held })

  /** The end of what a worker that runs has said; null when none does, or says nothing. */
  const saidLast = async (runs: readonly Run[]): Promise<string | null> => {
    const run = runs.find(({ status }) => status === 'running')
    const part = run && (await nouns.logs.read(run.id, -SAID_BYTES_SHOWN, SAID_BYTES_SHOWN))
    return part?.text || null
  }

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
    const around = await aroundOf(runs, blockers)
    return frame.sendPage(request, reply, 'tickets/views/ticket', {
      page: 'board',
      title: `${ticket.key} ${ticket.title}`,
      ticket,
      did: presentActs(
        await nouns.acts.seen(
          await nouns.acts.list({ ref: ticket.key, state: 'done', limit: ACTS_SHOWN }),
        ),
        'ticket',
      ),
      day: presentDay(ticket, clock.now()),
      status: stateOf({ ...ticket, lastRun: runs[0]?.status }),
      events: events.slice(-EVENTS_SHOWN).map(presentEvent),
      eventsBefore: Math.max(0, events.length - EVENTS_SHOWN),
      blockers: await withStates(blockers),
      blocking: await withStates(blocking),
      parts: await withStates(parts),
      graph: await drawKin(tickets, ticket, { parts, blockers, blocking }),
      parent: parent && (await withStates([parent]))[0],
      runs: runs.map((run) => presentWork(run, around, clock.now())),
      said: await saidLast(runs),
      used: await usedBy(id, runs.length),
      items: items.slice(0, RELATED_SHOWN).map(presentItem),
      alerts: alerts.slice(0, RELATED_SHOWN).map((alert) => presentAlert(alert, [], clock.now())),
      statusChoices: statusChoices.filter(({ id }) => id !== 'done' && id !== 'cancelled'),
      resolutionChoices,
      isOpen: ticket.closedAt === null,
      delegate: presentDelegate(runs, ticket, around),
    })
  })

  /** All runs together, when there are several: each tells its own. */
  const usedBy = async (id: number, runs: number): Promise<string | null> => {
    const total = runs > 1 ? await nouns.costs.ofTicket(id) : null
    return total && totalText(total, 'run')
  }

  await app.register(ticketEditing, { tickets, frame })
}
