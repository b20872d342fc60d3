import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import { type Ticket, TicketChange } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { Value } from 'typebox/value'
import { leaveNotice } from '../forms.ts'
import type { PageFrame } from '../frame/frame.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam } from '../schemas.ts'
import { presentConflict } from './conflict.ts'
import { idOf } from './routes.ts'

/**
 * A ticket's form as a whole: an empty field empties it. Who edits what somebody else has changed
 * meanwhile sees both, and nothing of either is lost.
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
}

export type Edit = Pick<Ticket, 'title' | 'body' | 'priority' | 'labels' | 'due' | 'version'>

const readEdit = (body: unknown): Edit => {
  const fields = (body ?? {}) as Record<string, string | undefined>
  const text = (name: string) => (fields[name] ?? '').replaceAll('\r\n', '\n')
  const edit = {
    version: Number(fields.version),
    title: text('title').trim(),
    body: text('body').trimEnd(),
    priority: text('priority'),
    labels: text('labels')
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
    due: text('due') || null,
  }
  if (Value.Check(TicketChange, edit)) return edit as Edit
  const problems = Value.Errors(TicketChange, edit).map(
    ({ instancePath, message }) => `${instancePath.slice(1)} ${message}`,
  )
  throw new AppError('invalid', problems.join('; '), { problems })
}
