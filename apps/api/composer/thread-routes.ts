import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { localDay, readQuickTicket } from '@mc/core/tickets/quick-ticket.ts'
import { Day } from '@mc/core/tickets/ticket.ts'
import { Type } from 'typebox'
import { firstLine } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import { presentQuestion } from '../questions/present.ts'
import { NameParam } from '../schemas.ts'
import type { Thread } from './thread.ts'

export const Before = Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })) })

const Typed = Type.Object({
  text: Type.String({ maxLength: 1_000 }),
  today: Type.Optional(Day),
})

/** Parts of the conversation as the scripts fetch them, and a message by itself. */
export const threadPages: FastifyPluginAsyncTypebox<{
  thread: Thread
  clock: Clock
  frame: PageFrame
}> = async (app, { thread, clock, frame }) => {
  app.get(
    '/partials/thread',
    { schema: { querystring: Before, hide: true } },
    async (request, reply) =>
      frame.sendPartial(reply, 'composer/views/thread', {
        ...(await thread.page(request.query.before)),
        csrf: request.caller?.csrf ?? '',
      }),
  )

  app.get(
    '/partials/turns/:id',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) =>
      frame.sendPartial(reply, 'composer/views/turn', {
        turn: (await thread.one(request.params.id)).view,
        csrf: request.caller?.csrf ?? '',
      }),
  )

  // What she asked in it: it changes by itself while the message stays.
  app.get(
    '/partials/turns/:id/questions',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const { id } = request.params
      return frame.sendPartial(reply, 'questions/views/questions', {
        questions: (await thread.questionsOf(id)).map(presentQuestion),
        csrf: request.caller?.csrf ?? '',
        back: `/#turn-${id}`,
      })
    },
  )

  // How it came to what its receipt says; asked for by few.
  app.get(
    '/partials/turns/:id/story',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) =>
      frame.sendPartial(reply, 'composer/views/story', {
        turn: (await thread.one(request.params.id)).view,
      }),
  )

  // What the first line of a ticket means, while it is typed.
  app.get(
    '/partials/chips',
    { schema: { querystring: Typed, hide: true } },
    async (request, reply) => {
      const { text, today = localDay(clock.now()) } = request.query
      return frame.sendPartial(reply, 'composer/views/chips', readQuickTicket(text, today))
    },
  )

  // One message and its reply, in full.
  app.get('/turns/:id', { schema: { params: NameParam, hide: true } }, async (request, reply) => {
    const { turn, view } = await thread.one(request.params.id, { whole: true })
    return frame.sendPage(request, reply, 'composer/views/turn_page', {
      page: 'home',
      title: firstLine(turn.text, 60),
      turn: view,
      whole: true,
    })
  })
}
