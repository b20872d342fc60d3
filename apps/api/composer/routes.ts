import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { answer, type Notice } from '../forms.ts'
import { firstLine } from '../frame/format.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { RunShape, TicketShape, TurnShape } from '../schemas.ts'
import { mustSay } from './must-say.ts'
import {
  composerModes,
  type createSessionStart,
  SessionStart,
  type SessionStarted,
} from './start-session.ts'

const StartedShape = Type.Object({
  mode: Type.Enum(composerModes),
  ticket: Type.Optional(TicketShape),
  run: Type.Optional(RunShape),
  turn: Type.Optional(TurnShape),
  note: Type.Optional(Type.String()),
})

export const composerRoutes: FastifyPluginAsyncTypebox<{
  startSession: ReturnType<typeof createSessionStart>
}> = async (app, { startSession }) => {
  app.post(
    '/api/v1/session_start',
    {
      schema: { body: SessionStart, response: { 201: StartedShape } },
      config: { may: 'person', takesFiles: true },
      preValidation: mustSay,
    },
    async (request, reply) => {
      const started = await startSession(request.body, actorOf(callerOf(request)))
      return answer(request, reply, {
        status: 201,
        body: started,
        notice: noticeOf(started),
        ...(started.turn ? { to: `/#turn-${started.turn.id}` } : {}),
      })
    },
  )
}

const noticeOf = ({ ticket, run, note }: SessionStarted): Notice => {
  if (!ticket) return { tone: note ? 'warn' : 'good', text: note ?? 'Sent to Luci' }
  const href = `/tickets/${ticket.key}`
  if (note) return { tone: 'warn', text: note, href }
  return {
    tone: 'good',
    text: run
      ? `${ticket.key} was handed to a worker, as run ${run.id}`
      : `Filed ${ticket.key}: ${firstLine(ticket.title, 80)}`,
    href,
  }
}
