import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { leaveNotice } from '../forms.ts'
import type { PageFrame } from '../frame/frame.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam } from '../schemas.ts'
import { presentConflict } from './conflict.ts'
import { readEdit, readFields, wrongInEdit, wrongInNew } from './form.ts'
import { idOf } from './routes.ts'

/**
 * A ticket's form as a whole: an empty field empties it. Who edits what somebody else has changed
 * meanwhile sees both; what cannot be saved comes back in the form; nothing is lost.
 */
export const ticketEditing: FastifyPluginAsyncTypebox<{
  tickets: Tickets
  frame: PageFrame
}> = async (app, { tickets, frame }) => {
  app.post(
    '/tickets/:key/edit',
    { schema: { params: KeyParam, hide: true } },
    async (request, reply) => {
      const id = idOf(request.params.key)
      const edit = readEdit(request.body)
      const wrong = wrongInEdit(edit)
      if (wrong.length > 0) {
        const { key } = await tickets.get(id)
        reply.code(400)
        return frame.sendPage(request, reply, 'tickets/views/refused', {
          page: 'board',
          title: `${key} could not be saved`,
          key,
          action: `/tickets/${key}/edit`,
          version: edit.version,
          fields: edit,
          wrong,
          verb: 'Save',
        })
      }
      try {
        const ticket = await tickets.change(id, edit, actorOf(callerOf(request)))
        leaveNotice(reply, { tone: 'good', text: `${ticket.key} is saved` })
        return reply.redirect(`/tickets/${ticket.key}`, 303)
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'conflict')) throw error
        const ticket = await tickets.get(id)
        reply.code(409)
        return frame.sendPage(request, reply, 'tickets/views/conflict', {
          page: 'board',
          title: `${ticket.key} was changed meanwhile`,
          ticket,
          yours: { ...ticket, ...edit, version: ticket.version },
          fields: presentConflict(ticket, edit),
        })
      }
    },
  )

  // The board's form. Not the api's path, which a page that has to stay could not be read again from.
  app.post(
    '/tickets',
    { schema: { hide: true }, config: { may: 'person' } },
    async (request, reply) => {
      const fields = readFields(request.body)
      const back = request.formBack ?? '/board'
      const wrong = wrongInNew(fields)
      if (wrong.length > 0) {
        reply.code(400)
        return frame.sendPage(request, reply, 'tickets/views/refused', {
          page: 'board',
          title: 'The ticket could not be filed',
          action: '/tickets',
          returnTo: back,
          fields,
          wrong,
          verb: 'File ticket',
        })
      }
      const { due, ...rest } = fields
      const ticket = await tickets.file(
        due === null ? rest : { ...rest, due },
        actorOf(callerOf(request)),
      )
      leaveNotice(reply, {
        tone: 'good',
        text: `Filed ${ticket.key}`,
        href: `/tickets/${ticket.key}`,
      })
      return reply.redirect(back, 303)
    },
  )
}
