import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { DigestActs } from '@mc/core/digest/acts.ts'
import { AppError } from '@mc/core/errors.ts'
import { priorities } from '@mc/core/inbox/item.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import {
  NewTicket,
  parseTicketKey,
  resolutions,
  TicketChange,
  ticketStatuses,
} from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { closesAsLuci, waits } from '../proposals/by-luci.ts'
import { WaitsShape } from '../proposals/schemas.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam, TicketEventShape, TicketShape } from '../schemas.ts'
import { createChanging } from './while-delegated.ts'

/** A digest turn files for an item of its digest, which it must name. */
const TicketBody = Type.Object(
  {
    ...NewTicket.properties,
    item: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The inbox item it is for; a digest turn needs it' }),
    ),
  },
  { additionalProperties: false },
)

const Filter = Type.Object({
  ...Paging,
  status: Type.Optional(Type.Enum(ticketStatuses)),
  open: Type.Optional(Type.Boolean({ description: 'Only those neither done nor cancelled' })),
  label: Type.Optional(Type.String({ maxLength: 50 })),
  priority: Type.Optional(Type.Enum(priorities)),
  source: Type.Optional(Type.String({ maxLength: 50 })),
  text: Type.Optional(Type.String({ maxLength: 200, description: 'Somewhere in the title' })),
  parent: Type.Optional(Type.String({ maxLength: 20, description: 'The parts of this ticket' })),
})

const BothKeys = Type.Object({
  key: KeyParam.properties.key,
  other: Type.String({ maxLength: 20, description: 'The ticket it waits for' }),
})

export const ticketRoutes: FastifyPluginAsyncTypebox<{
  tickets: Tickets
  digestActs: DigestActs
  proposals: Proposals
}> = async (app, { tickets, digestActs, proposals }) => {
  const changing = createChanging({ proposals, tickets })

  app.get(
    '/',
    { schema: { querystring: Filter, response: { 200: Page(TicketShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, parent, ...filter } = request.query
      const before = readCursor(cursor)
      const rows = await tickets.list({
        ...filter,
        ...(parent ? { parentId: idOf(parent) } : {}),
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, (ticket) => ticket.id)
    },
  )

  app.post(
    '/',
    { schema: { body: TicketBody, response: { 201: TicketShape } }, config: { may: 'digest' } },
    async (request, reply) => {
      const { item, ...fields } = request.body
      const caller = callerOf(request)
      const ticket =
        caller.turn?.origin === 'digest'
          ? await digestActs.fileTicket(caller.turn, item, fields)
          : caller.turn
            ? await proposals.fileDirectly(caller.turn, fields)
            : await tickets.file(fields, actorOf(caller))
      return answer(request, reply, {
        status: 201,
        body: ticket,
        notice: { tone: 'good', text: `Filed ${ticket.key}`, href: `/tickets/${ticket.key}` },
      })
    },
  )

  app.get(
    '/:key',
    { schema: { params: KeyParam, response: { 200: TicketShape } } },
    async (request) => tickets.get(idOf(request.params.key)),
  )

  app.patch(
    '/:key',
    {
      schema: {
        params: KeyParam,
        body: TicketChange,
        response: { 200: TicketShape, 202: WaitsShape },
      },
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const ticket = await tickets.get(idOf(request.params.key))
      const wanted = await closesAsLuci(proposals, caller, ticket, request.body)
      if (wanted?.outcome === 'proposed') return reply.code(202).send(waits(wanted))
      if (wanted) return tickets.get(ticket.id)
      const isTitle = request.body.title !== undefined
      return changing(
        caller,
        ticket,
        (its) => its.change(ticket.id, request.body, actorOf(caller)),
        { isTitle },
      )
    },
  )

  app.post(
    '/:key/move',
    {
      schema: {
        params: KeyParam,
        body: Type.Object(
          {
            status: Type.Enum(ticketStatuses),
            resolution: Type.Optional(Type.Enum(resolutions)),
            version: Type.Optional(Type.Integer({ minimum: 1 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: TicketShape, 202: WaitsShape },
      },
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const before = await tickets.get(idOf(request.params.key))
      const wanted = await closesAsLuci(proposals, caller, before, request.body)
      if (wanted?.outcome === 'proposed') return reply.code(202).send(waits(wanted))
      const ticket = wanted
        ? await tickets.get(before.id)
        : await changing(caller, before, (its) =>
            its.change(before.id, request.body, actorOf(caller)),
          )
      return answer(request, reply, {
        body: ticket,
        notice: `Moved ${ticket.key} to ${ticket.status}`,
      })
    },
  )

  app.get(
    '/:key/events',
    { schema: { params: KeyParam, response: { 200: Page(TicketEventShape) } } },
    async (request) => {
      const { id } = await tickets.get(idOf(request.params.key))
      return { items: await tickets.events(id), next: null }
    },
  )

  app.post(
    '/:key/comments',
    {
      schema: {
        params: KeyParam,
        body: Type.Object(
          { body: Type.String({ minLength: 1, maxLength: 65_536, description: 'Markdown' }) },
          { additionalProperties: false },
        ),
        response: { 201: TicketEventShape },
      },
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const event = await tickets.comment(
        idOf(request.params.key),
        request.body.body,
        actorOf(callerOf(request)),
      )
      return answer(request, reply, { status: 201, body: event, notice: 'Comment added' })
    },
  )

  app.post(
    '/:key/links',
    {
      schema: {
        params: KeyParam,
        body: Type.Object(
          {
            blockedBy: Type.String({
              maxLength: 20,
              description: 'The ticket that it waits for, e.g. MC-12',
            }),
          },
          { additionalProperties: false },
        ),
        response: { 201: Page(TicketShape) },
      },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const ticket = await tickets.get(idOf(request.params.key))
      const { id } = ticket
      const blocker = idOf(request.body.blockedBy)
      await changing(caller, ticket, (its) => its.link(id, blocker, actorOf(caller)))
      return answer(request, reply, {
        status: 201,
        body: { items: await tickets.blockers(id), next: null },
        notice: `It now waits for ${request.body.blockedBy.toUpperCase()}`,
      })
    },
  )

  app.get(
    '/:key/links',
    {
      schema: {
        params: KeyParam,
        response: {
          200: Type.Object({
            blockedBy: Type.Array(TicketShape),
            blocks: Type.Array(TicketShape),
            parts: Type.Array(TicketShape),
          }),
        },
      },
    },
    async (request) => {
      const { id } = await tickets.get(idOf(request.params.key))
      const [blockedBy, blocks, parts] = await Promise.all([
        tickets.blockers(id),
        tickets.blocking(id),
        tickets.list({ parentId: id, limit: 100 }),
      ])
      return { blockedBy, blocks, parts }
    },
  )

  // A form knows no DELETE.
  for (const [method, url] of [
    ['DELETE', '/:key/links/:other'],
    ['POST', '/:key/links/:other/remove'],
  ] as const)
    app.route({
      method,
      url,
      schema: { params: BothKeys, response: { 200: Page(TicketShape) } },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
      handler: async (request, reply) => {
        const { key, other } = request.params
        const caller = callerOf(request)
        const ticket = await tickets.get(idOf(key))
        const { id } = ticket
        const blocker = idOf(other)
        await changing(caller, ticket, (its) => its.unlink(id, blocker, actorOf(caller)))
        return answer(request, reply, {
          body: { items: await tickets.blockers(id), next: null },
          notice: `It no longer waits for ${other.toUpperCase()}`,
        })
      },
    })

  app.post(
    '/:key/parent',
    {
      schema: {
        params: KeyParam,
        body: Type.Object(
          {
            parent: Type.Optional(
              Type.String({ maxLength: 20, description: 'What it is a part of; left out: none' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: TicketShape },
      },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const { parent } = request.body
      const caller = callerOf(request)
      const { id, key } = await tickets.get(idOf(request.params.key))
      const above = parent ? idOf(parent) : null
      const ticket = await changing(caller, { id, key }, async (its) => {
        await its.setParent(id, above, actorOf(caller))
        return its.get(id)
      })
      return answer(request, reply, {
        body: ticket,
        notice: parent ? `It is a part of ${parent.toUpperCase()}` : 'It is a part of no other',
      })
    },
  )
}

/** Throws `not_found` for what is no ticket's key. */
export const idOf = (key: string): number => {
  const id = parseTicketKey(key)
  if (id === null)
    throw new AppError('not_found', `There is no ticket "${key}"`, {
      hint: 'A key looks like MC-12.',
    })
  return id
}
