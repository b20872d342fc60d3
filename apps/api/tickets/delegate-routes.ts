import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Delegation } from '@mc/core/delegation/delegation.ts'
import { Wish } from '@mc/core/delegation/wish.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { type Ticket, ticketKey } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import { Page } from '../paging.ts'
import { delegatesAsLuci, waits } from '../proposals/by-luci.ts'
import { WaitsShape } from '../proposals/schemas.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam, NameParam, RunShape } from '../schemas.ts'
import { idOf } from './routes.ts'
import type { Tell, Told } from './waiting.ts'

type Deps = {
  delegation: Delegation
  runs: Runs
  tickets: Tickets
  proposals: Proposals
  tell: Tell
}

/** A ticket handed to the headless worker, and what came of it. */
export const delegateRoutes: FastifyPluginAsyncTypebox<Deps> = async (
  app,
  { delegation, runs, tickets, proposals, tell },
) => {
  app.post(
    '/:key/delegate',
    {
      schema: {
        params: KeyParam,
        body: Wish,
        response: { 202: Type.Union([RunShape, WaitsShape]) },
      },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const ticket = await tickets.get(idOf(request.params.key))
      const wanted = await delegatesAsLuci(proposals, caller, ticket, request.body)
      if (wanted?.outcome === 'proposed') return reply.code(202).send(waits(wanted))
      const [begun] = wanted ? await runs.list({ ticket: ticket.id, limit: 1 }) : []
      const run = await tell(
        begun ?? (await delegation.queue(ticket.id, actorOf(caller).actor, request.body)),
      )
      return answer(request, reply, { status: 202, body: run, notice: begunWords(ticket, run) })
    },
  )

  app.get(
    '/:key/runs',
    { schema: { params: KeyParam, response: { 200: Page(RunShape) } } },
    async (request) => ({
      items: await Promise.all((await runs.list({ ticket: idOf(request.params.key) })).map(tell)),
      next: null,
    }),
  )
}

const begunWords = ({ key }: Pick<Ticket, 'key'>, { id, waitsFor }: Told): string =>
  [`${key} was handed to a worker, as run ${id}`, waitsFor].filter(Boolean).join('. ')

/** A worker's run, tried again. */
export const workRoutes: FastifyPluginAsyncTypebox<Pick<Deps, 'delegation' | 'tell'>> = async (
  app,
  { delegation, tell },
) => {
  app.post(
    '/:id/retry',
    {
      schema: { params: NameParam, response: { 202: RunShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const run = await tell(
        await delegation.retry(request.params.id, actorOf(callerOf(request)).actor),
      )
      return answer(request, reply, {
        status: 202,
        body: run,
        notice: {
          tone: 'good',
          text: begunWords({ key: ticketKey(run.ticketId ?? 0) }, run),
          href: `/runs/${run.id}`,
        },
      })
    },
  )
}
