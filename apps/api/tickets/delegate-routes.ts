import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Delegation } from '@mc/core/delegation/delegation.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { answer } from '../forms.ts'
import { Page } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { KeyParam, RunShape } from '../schemas.ts'
import { idOf } from './routes.ts'

/** A ticket handed to the headless worker, and what came of it. */
export const delegateRoutes: FastifyPluginAsyncTypebox<{
  delegation: Delegation
  runs: Runs
}> = async (app, { delegation, runs }) => {
  app.post(
    '/:key/delegate',
    { schema: { params: KeyParam, response: { 202: RunShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const run = await delegation.queue(idOf(request.params.key), actorOf(callerOf(request)).actor)
      return answer(request, reply, {
        status: 202,
        body: run,
        notice: `${request.params.key} was handed to a worker, as run ${run.id}`,
      })
    },
  )

  app.get(
    '/:key/runs',
    { schema: { params: KeyParam, response: { 200: Page(RunShape) } } },
    async (request) => ({
      items: await runs.list({ ticket: idOf(request.params.key) }),
      next: null,
    }),
  )
}
