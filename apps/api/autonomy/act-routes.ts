import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Acts } from '@mc/core/acts/acts.ts'
import type { Undo } from '@mc/core/acts/undo.ts'
import { answer, refuseOnPage } from '../forms.ts'
import { Page, readCursor, toPage } from '../paging.ts'
import { ProposalParam } from '../proposals/schemas.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { undoneNotice } from './present.ts'
import {
  ActFilter,
  ActParam,
  ActShape,
  SeenActShape,
  UndoneAllShape,
  UndoneShape,
  WrongBody,
} from './schemas.ts'

const LIMIT = 50

/** What Luci wanted to do and what became of it; taking it back, and saying that it was wrong. */
export const actRoutes: FastifyPluginAsyncTypebox<{ acts: Acts; undo: Undo }> = async (
  app,
  { acts, undo },
) => {
  app.get(
    '/',
    { schema: { querystring: ActFilter, response: { 200: Page(SeenActShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, ...filter } = request.query
      const before = readCursor(cursor)
      const rows = await acts.list({
        ...filter,
        ...(before === undefined ? {} : { before }),
        limit: limit + 1,
      })
      const page = toPage(rows, limit, (act) => String(act.id))
      return { ...page, items: await acts.seen(page.items) }
    },
  )

  app.get(
    '/:id',
    { schema: { params: ActParam, response: { 200: SeenActShape } } },
    async (request) => {
      const [act] = await acts.seen([await acts.get(request.params.id)])
      if (!act) throw new Error('One act is seen as one')
      return act
    },
  )

  app.post(
    '/:id/undo',
    {
      schema: { params: ActParam, response: { 200: UndoneShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const undone = await undo.undo(request.params.id, actorOf(callerOf(request)))
      return answer(request, reply, { body: undone, notice: `Undone: ${undone.says}` })
    },
  )

  app.post(
    '/:id/wrong',
    {
      schema: { params: ActParam, body: WrongBody, response: { 200: ActShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const act = await acts.correct(request.params.id, {
        correction: 'wrong',
        by: actorOf(callerOf(request)).actor,
        note: request.body.note,
      })
      return answer(request, reply, {
        body: act,
        notice: 'Noted that it was wrong: it counts in the record of that class',
      })
    },
  )
}

/** All that came of a proposal, in one go. */
export const undoProposalRoute: FastifyPluginAsyncTypebox<{ undo: Undo }> = async (
  app,
  { undo },
) => {
  app.post(
    '/:id/undo',
    {
      schema: { params: ProposalParam, response: { 200: UndoneAllShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const steps = await undo.undoAll(request.params.id, actorOf(callerOf(request)))
      return answer(request, reply, { body: { steps }, notice: undoneNotice(steps) })
    },
  )
}
