import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { outcomeOf } from '@mc/core/questions/outcome.ts'
import { NewQuestion } from '@mc/core/questions/question.ts'
import type { Questions } from '@mc/core/questions/questions.ts'
import { answer, refuseOnPage } from '../forms.ts'
import { LIMIT, Page, readCursor, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { IdParam } from '../schemas.ts'
import { AnswerBody, QuestionFilter, QuestionShape, WaitBody } from './schemas.ts'
import { untilOver } from './until-over.ts'

/** What Luci asks, and what a person answers. */
export const questionRoutes: FastifyPluginAsyncTypebox<{
  questions: Questions
  bell: Bell
  clock: Clock
}> = async (app, { questions, bell, clock }) => {
  app.get(
    '/',
    { schema: { querystring: QuestionFilter, response: { 200: Page(QuestionShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, ...filter } = request.query
      const before = readCursor(cursor)
      const rows = await questions.list({
        ...filter,
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, ({ id }) => id)
    },
  )

  app.get(
    '/:id',
    { schema: { params: IdParam, response: { 200: QuestionShape } } },
    async (request) => questions.get(request.params.id),
  )

  app.post(
    '/',
    {
      schema: { body: NewQuestion, response: { 201: QuestionShape } },
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const { turn } = callerOf(request)
      if (!turn)
        throw new AppError('invalid', 'Only Luci asks, in the turn that she is answering', {
          hint: 'To ask Luci: mc send. To tell a person something: mc notify.',
        })
      return reply.code(201).send(await questions.ask(turn, request.body))
    },
  )

  app.post(
    '/:id/answer',
    {
      schema: { params: IdParam, body: AnswerBody, response: { 200: QuestionShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const { actor } = actorOf(callerOf(request))
      const via = callerOf(request).kind === 'browser' ? 'page' : 'cli'
      const { id } = request.params
      const body = await questions.answer(id, { ...request.body, by: actor, via })
      return answer(request, reply, {
        body,
        notice: 'Answered; Luci gets it as a message of yours',
      })
    },
  )

  app.post(
    '/:id/withdraw',
    {
      schema: { params: IdParam, response: { 200: QuestionShape } },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const { actor } = actorOf(callerOf(request))
      const body = await questions.withdraw(request.params.id, actor)
      return answer(request, reply, { body, notice: outcomeOf(body) ?? '' })
    },
  )

  app.post(
    '/:id/wait',
    {
      schema: { params: IdParam, body: WaitBody, response: { 200: QuestionShape } },
      config: { may: 'turn' },
    },
    async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const { id } = request.params
      const now = () => clock.now().getTime()
      const over = await untilOver(
        { questions, bell, now },
        id,
        request.body.seconds * 1_000,
        gone.signal,
      )
      const { turn } = callerOf(request)
      // Nobody is there to hear it: then it comes as a message.
      return turn && !gone.signal.aborted ? questions.heard(id, turn.id) : over
    },
  )
}
