import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RunHistory } from '@mc/core/runs/history.ts'
import { runStatuses } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { Type } from 'typebox'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { NameParam, RunShape } from '../schemas.ts'
import { idOf } from '../tickets/routes.ts'
import type { Tell } from '../tickets/waiting.ts'
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
  runs: Runs
  history: RunHistory
  tell: Tell
}> = async (app, { runs, history, tell }) => {
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

  app.get('/:id', { schema: { params: NameParam, response: { 200: RunShape } } }, async (request) =>
    tell(await runs.get(request.params.id)),
  )
}
