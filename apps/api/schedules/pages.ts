import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { NameParam } from '../schemas.ts'
import { presentRun } from '../tickets/present.ts'
import { presentTasks } from './present.ts'

const RUNS_SHOWN = 25
const MISTAKES_SHOWN = 5

/** What runs when, how it went, and each run by itself. */
export const schedulePages: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  clock: Clock
  frame: PageFrame
}> = async (app, { nouns, clock, frame }) => {
  app.get('/schedules', { schema: { hide: true } }, async (request, reply) => {
    const [tasks, runs, mistakes] = await Promise.all([
      nouns.tasks.list(),
      nouns.runs.list({ limit: RUNS_SHOWN }),
      nouns.overview.taskProblems(),
    ])
    return frame.sendPage(request, reply, 'schedules/views/schedules', {
      page: 'schedules',
      title: 'Schedules',
      tasks: presentTasks(tasks, clock.now()),
      mistakes: mistakes.slice(0, MISTAKES_SHOWN),
      moreMistakes: Math.max(0, mistakes.length - MISTAKES_SHOWN),
      runs: runs.map(presentRun),
      ticketKey,
    })
  })

  app.get('/runs/:id', { schema: { params: NameParam, hide: true } }, async (request, reply) => {
    const run = await nouns.runs.get(request.params.id)
    return frame.sendPage(request, reply, 'schedules/views/run', {
      page: 'schedules',
      title: `Run ${run.id}`,
      run: presentRun(run),
      ticketKey,
    })
  })
}
