import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { alertStates, alertTabs } from '@mc/core/alerts/alert.ts'
import type { Clock } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import type { DigestActs } from '@mc/core/digest/acts.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { waits } from '../proposals/by-luci.ts'
import { WaitsShape } from '../proposals/schemas.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { readTime, TIME_OR_SPAN } from '../schedules/times.ts'
import { AlertShape, IdParam } from '../schemas.ts'
import { alertWords } from './notices.ts'
import type { AlertDesk } from './nouns.ts'
import { FiledShape, StoryShape } from './schemas.ts'

const NewNotice = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200, description: 'What happened, in a line' }),
    text: Type.Optional(Type.String({ maxLength: 4_000 })),
    severity: Type.Optional(Type.Enum(['critical', 'normal'])),
    item: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'The inbox item it is about; a digest turn needs it',
      }),
    ),
  },
  { additionalProperties: false },
)

export const alertRoutes: FastifyPluginAsyncTypebox<{
  desk: AlertDesk
  digestActs: DigestActs
  proposals: Proposals
  clock: Clock
}> = async (app, { desk, digestActs, proposals, clock }) => {
  const { alerts } = desk
  app.get(
    '/',
    {
      schema: {
        querystring: Type.Object({
          ...Paging,
          state: Type.Optional(Type.Enum(alertStates)),
          tab: Type.Optional(Type.Enum(alertTabs)),
        }),
        response: { 200: Page(AlertShape) },
      },
    },
    async (request) => {
      const { cursor, limit = LIMIT, state, tab } = request.query
      const before = readCursor(cursor)
      const rows = await alerts.list({
        ...(state ? { states: [state] } : {}),
        ...(tab ? { tab } : {}),
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, (alert) => alert.id)
    },
  )

  app.get(
    '/:id',
    { schema: { params: IdParam, response: { 200: StoryShape } } },
    async (request) => ({
      ...(await alerts.get(request.params.id)),
      ...(await desk.story(request.params.id)),
    }),
  )

  // `mc notify`: somebody has something to say to the person.
  app.post(
    '/',
    {
      schema: { body: NewNotice, response: { 201: AlertShape, 202: WaitsShape } },
      config: { may: 'digest' },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { title, text = '', severity = 'normal', item } = request.body
      if (caller.turn?.origin === 'digest') {
        const told = await digestActs.notify(caller.turn, item, { title, text })
        return answer(request, reply, { status: 201, body: told, notice: 'It will be told' })
      }
      if (caller.turn) {
        const step = { do: 'alert', name: 'alert', title, text, severity } as const
        const wanted = await proposals.wants(caller.turn, step, { item })
        if (wanted.outcome === 'proposed') return reply.code(202).send(waits(wanted))
        return reply.code(201).send(await alerts.get(Number(wanted.done.ref)))
      }
      const { alert } = await alerts.raise({
        fingerprint: `notify:${actorOf(caller).actor}:${title}`,
        kind: 'note',
        title,
        text,
        severity,
        ...(item ? { itemId: item } : {}),
      })
      return answer(request, reply, { status: 201, body: alert, notice: 'It will be told' })
    },
  )

  app.post(
    '/:id/acknowledge',
    { schema: { params: IdParam, response: { 200: AlertShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const alert = await alerts.acknowledge(request.params.id, actorOf(callerOf(request)).actor)
      return answer(request, reply, { body: alert, notice: alertWords.acknowledged })
    },
  )

  app.post(
    '/:id/snooze',
    {
      schema: {
        params: IdParam,
        body: Type.Object(
          { until: Type.String({ minLength: 1, maxLength: 40 }) },
          { additionalProperties: false },
        ),
        response: { 200: AlertShape },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const until = timeToCome(request.body.until, clock.now())
      const alert = await alerts.snooze(request.params.id, until, actorOf(callerOf(request)).actor)
      return answer(request, reply, { body: alert, notice: alertWords.snoozed(until) })
    },
  )

  app.post(
    '/:id/resolve',
    { schema: { params: IdParam, response: { 200: AlertShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const alert = await alerts.close(request.params.id, actorOf(callerOf(request)).actor)
      return answer(request, reply, { body: alert, notice: 'Resolved' })
    },
  )

  app.post(
    '/:id/ticket',
    { schema: { params: IdParam, response: { 200: FiledShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const filed = await desk.ticketFrom(request.params.id, actorOf(callerOf(request)))
      const { key } = filed.ticket
      return answer(request, reply, {
        body: filed,
        notice: {
          tone: 'good',
          text: filed.status === 'filed' ? `Filed ${key}` : `It is ${key}`,
          href: `/tickets/${key}`,
        },
      })
    },
  )

  app.post(
    '/bulk',
    {
      schema: {
        body: Bulk,
        response: { 200: Type.Object({ changed: Type.Array(Type.Integer()) }) },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const { action, ids = [], until: text } = request.body
      const by = actorOf(callerOf(request)).actor
      const until = action === 'snooze' ? timeToCome(text ?? '1d', clock.now()) : null
      const changed: number[] = []
      for (const id of new Set(ids)) {
        // Who chose it saw it open; what ended meanwhile is as they wanted it.
        if ((await alerts.get(id)).state === 'resolved') continue
        if (until) await alerts.snooze(id, until, by)
        else if (action === 'resolve') await alerts.close(id, by)
        else await alerts.acknowledge(id, by)
        changed.push(id)
      }
      return answer(request, reply, {
        body: { changed },
        notice: alertWords.bulk(action, changed.length),
      })
    },
  )
}

const Bulk = Type.Object(
  {
    action: Type.Enum(['acknowledge', 'snooze', 'resolve']),
    ids: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 200 })),
    until: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
)

/** A time, or how long from now (`4h`). */
export const timeToCome = (text: string, now: Date): Date => {
  const ms = parseDuration(text)
  const until = ms === null ? readTime(text, TIME_OR_SPAN) : new Date(now.getTime() + ms)
  if (!until || until <= now)
    throw new AppError('invalid', `Expected a time to come or a duration such as 4h, got "${text}"`)
  return until
}
