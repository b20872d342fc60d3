import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTime } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { runStatuses } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import type { Tasks } from '@mc/core/tasks/tasks.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { NameParam, RunShape, TaskShape } from '../schemas.ts'
import { idOf } from '../tickets/routes.ts'

const Pause = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    until: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
)

export const taskRoutes: FastifyPluginAsyncTypebox<{ tasks: Tasks }> = async (app, { tasks }) => {
  app.get('/', { schema: { response: { 200: Page(TaskShape) } } }, async () => ({
    items: await tasks.list(),
    next: null,
  }))

  app.get(
    '/:id',
    { schema: { params: NameParam, response: { 200: TaskShape } } },
    async (request) => tasks.get(request.params.id),
  )

  app.post(
    '/:id/run',
    { schema: { params: NameParam, response: { 202: TaskShape } }, config: { may: 'turn' } },
    async (request, reply) => {
      const task = await tasks.requestRun(request.params.id, actorOf(callerOf(request)).actor)
      return answer(request, reply, {
        status: 202,
        body: task,
        notice: `“${task.title}” starts as soon as the scheduler sees it`,
      })
    },
  )

  app.post(
    '/:id/pause',
    {
      schema: { params: NameParam, body: Pause, response: { 200: TaskShape } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const until = readUntil(request.body.until)
      const task = await tasks.pause(request.params.id, {
        reason: request.body.reason,
        by: actorOf(callerOf(request)).actor,
        ...(until ? { until } : {}),
      })
      return answer(request, reply, { body: task, notice: `Paused “${task.title}”` })
    },
  )

  app.post(
    '/:id/resume',
    { schema: { params: NameParam, response: { 200: TaskShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const task = await tasks.resume(request.params.id, actorOf(callerOf(request)).actor)
      return answer(request, reply, { body: task, notice: `“${task.title}” runs again` })
    },
  )
}

const RunFilter = Type.Object({
  ...Paging,
  task: Type.Optional(Type.String({ maxLength: 200 })),
  ticket: Type.Optional(Type.String({ maxLength: 20 })),
  status: Type.Optional(Type.Enum(runStatuses)),
})

export const runRoutes: FastifyPluginAsyncTypebox<{ runs: Runs }> = async (app, { runs }) => {
  app.get(
    '/',
    { schema: { querystring: RunFilter, response: { 200: Page(RunShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, task, ticket, status } = request.query
      const before = readCursor(cursor)
      const rows = await runs.list({
        ...(task === undefined ? {} : { task }),
        ...(ticket === undefined ? {} : { ticket: idOf(ticket) }),
        ...(status === undefined ? {} : { status }),
        ...(before === undefined ? {} : { before }),
        limit: limit + 1,
      })
      return toPage(rows, limit, (run) => run.seq)
    },
  )

  app.get('/:id', { schema: { params: NameParam, response: { 200: RunShape } } }, async (request) =>
    runs.get(request.params.id),
  )
}

/** An ISO time, or what a browser's datetime field gives (this machine's time zone). */
export const readUntil = (text: string | undefined): Date | null => {
  if (text === undefined) return null
  const date = parseTime(text) ?? new Date(text)
  if (Number.isNaN(date.getTime()))
    throw new AppError('invalid', `Expected a time such as 2026-03-02T18:00:00Z, got "${text}"`)
  return date
}
