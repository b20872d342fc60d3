import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { Delegation } from '@mc/core/delegation/delegation.ts'
import type { RunHistory } from '@mc/core/runs/history.ts'
import { runStatuses } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { askToStop } from '@mc/core/runs/stop.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { NameParam, RunShape } from '../schemas.ts'
import { idOf } from '../tickets/routes.ts'
import type { Tell, Told } from '../tickets/waiting.ts'
import { readTime } from './times.ts'

const RunFilter = Type.Object({
  ...Paging,
  task: Type.Optional(Type.String({ maxLength: 200 })),
  ticket: Type.Optional(Type.String({ maxLength: 20 })),
  status: Type.Optional(Type.Enum(runStatuses)),
  /** Queued at or after, and before. */
  from: Type.Optional(Type.String({ maxLength: 40 })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
})

export const runRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  runs: Runs
  history: RunHistory
  delegation: Delegation
  tell: Tell
}> = async (app, { db, clock, runs, history, delegation, tell }) => {
  app.get(
    '/',
    { schema: { querystring: RunFilter, response: { 200: Page(RunShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, task, ticket, status } = request.query
      const before = readCursor(cursor)
      const [from, to] = [readTime(request.query.from), readTime(request.query.to)]
      const rows = await history.list({
        ...(task === undefined ? {} : { task }),
        ...(ticket === undefined ? {} : { ticket: idOf(ticket) }),
        ...(status === undefined ? {} : { status }),
        ...(from ? { from } : {}),
        ...(to ? { to } : {}),
        ...(before === undefined ? {} : { before }),
        limit: limit + 1,
      })
      return toPage(rows, limit, (run) => run.seq)
    },
  )

  // Of a task or a worker alike: who owns its process ends it.
  app.post(
    '/:id/cancel',
    {
      schema: { params: NameParam, response: { 202: RunShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const { id } = request.params
      const by = actorOf(callerOf(request)).actor
      const { trigger } = await runs.get(id)
      const run = await tell(
        trigger === 'delegate'
          ? await delegation.cancel(id, by)
          : await askToStop(db, clock, id, by),
      )
      return answer(request, reply, { status: 202, body: run, notice: stoppedWords(run) })
    },
  )

  app.get('/:id', { schema: { params: NameParam, response: { 200: RunShape } } }, async (request) =>
    tell(await runs.get(request.params.id)),
  )
}

const stoppedWords = ({ id, status, waitsFor }: Told): string => {
  if (status === 'cancelled') return `Run ${id} was cancelled before it began`
  if (waitsFor) return `Noted. ${waitsFor}`
  return status === 'queued' ? `Run ${id} will not begin` : `Run ${id} is being stopped`
}
