import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { taskStates } from '@mc/core/tasks/listing.ts'
import type { PauseAll } from '@mc/core/tasks/pause-all.ts'
import type { Tasks } from '@mc/core/tasks/tasks.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { Page, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { NameParam, Nullable, TaskShape } from '../schemas.ts'
import { readEnd } from './times.ts'

const PauseBody = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Why, for who finds it paused',
    }),
    until: Type.Optional(
      Type.String({
        maxLength: 40,
        description:
          'When it runs again by itself: how long (2h), or a time (2026-03-02T18:00:00Z)',
      }),
    ),
  },
  { additionalProperties: false },
)

const PauseShape = Type.Object({
  at: Type.String(),
  until: Nullable(Type.String()),
  reason: Type.String(),
  by: Type.String(),
})

const LIMIT = 200
const TaskFilter = Type.Object({
  /** The id that the page before ended with. */
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  tag: Type.Optional(Type.String({ maxLength: 50 })),
  state: Type.Optional(Type.Enum(taskStates)),
})

export const taskRoutes: FastifyPluginAsyncTypebox<{
  tasks: Tasks
  pauseAll: PauseAll
  clock: Clock
}> = async (app, { tasks, pauseAll, clock }) => {
  app.get(
    '/',
    { schema: { querystring: TaskFilter, response: { 200: Page(TaskShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, ...filter } = request.query
      const rows = await tasks.page({
        ...filter,
        ...(cursor === undefined ? {} : { after: cursor }),
        limit: limit + 1,
      })
      return toPage(rows, limit, (task) => task.id)
    },
  )

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
      schema: { params: NameParam, body: PauseBody, response: { 200: TaskShape } },
      // Stopping is Luci's verb too, for a person who asks her; what was stopped a person resumes.
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const until = readEnd(request.body.until, clock.now())
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

  app.post(
    '/pause',
    { schema: { body: PauseBody, response: { 200: PauseShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const until = readEnd(request.body.until, clock.now())
      const pause = await pauseAll.pause({
        reason: request.body.reason,
        by: actorOf(callerOf(request)).actor,
        ...(until ? { until } : {}),
      })
      return answer(request, reply, { body: pause, notice: 'All tasks are paused' })
    },
  )

  app.post(
    '/resume',
    {
      schema: { response: { 200: Type.Object({ resumed: Type.Boolean() }) } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const resumed = (await pauseAll.get()) !== null
      if (resumed) await pauseAll.resume(actorOf(callerOf(request)).actor)
      return answer(request, reply, {
        body: { resumed },
        notice: resumed ? 'The tasks run again' : 'They were not paused together',
      })
    },
  )
}
