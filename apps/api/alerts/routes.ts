import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { alertStates } from '@mc/core/alerts/alert.ts'
import type { Alerts } from '@mc/core/alerts/alerts.ts'
import type { Clock } from '@mc/core/clock.ts'
import { parseDuration } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Inbox } from '@mc/core/inbox/inbox.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { readTime } from '../schedules/times.ts'
import { AlertShape, IdParam } from '../schemas.ts'
import { mustBeOfItsDigest } from '../tickets/routes.ts'

const NewNotice = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200 }),
    text: Type.Optional(Type.String({ maxLength: 4_000 })),
    severity: Type.Optional(Type.Enum(['critical', 'normal'])),
    /** A digest turn notifies for an item of its digest, which it must name. */
    item: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
)

export const alertRoutes: FastifyPluginAsyncTypebox<{
  alerts: Alerts
  inbox: Inbox
  clock: Clock
}> = async (app, { alerts, inbox, clock }) => {
  app.get(
    '/',
    {
      schema: {
        querystring: Type.Object({ ...Paging, state: Type.Optional(Type.Enum(alertStates)) }),
        response: { 200: Page(AlertShape) },
      },
    },
    async (request) => {
      const { cursor, limit = LIMIT, state } = request.query
      const before = readCursor(cursor)
      const rows = await alerts.list({
        ...(state ? { states: [state] } : {}),
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, (alert) => alert.id)
    },
  )

  app.get('/:id', { schema: { params: IdParam, response: { 200: AlertShape } } }, async (request) =>
    alerts.get(request.params.id),
  )

  // `mc notify`: somebody has something to say to the person.
  app.post(
    '/',
    { schema: { body: NewNotice, response: { 201: AlertShape } }, config: { may: 'digest' } },
    async (request, reply) => {
      const caller = callerOf(request)
      const { title, text, severity, item } = request.body
      await mustBeOfItsDigest(caller, item, inbox)
      const { alert } = await alerts.raise({
        fingerprint: `notify:${actorOf(caller).actor}:${title}`,
        kind: 'note',
        title,
        text: text ?? '',
        ...(severity ? { severity } : {}),
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
      return answer(request, reply, {
        body: alert,
        notice: 'Acknowledged: you are left alone about it for a day',
      })
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
      const until = snoozeUntil(request.body.until, clock.now())
      const alert = await alerts.snooze(request.params.id, until)
      return answer(request, reply, {
        body: alert,
        notice: `Snoozed until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      })
    },
  )

  app.post(
    '/:id/resolve',
    { schema: { params: IdParam, response: { 200: AlertShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const alert = await alerts.close(request.params.id)
      return answer(request, reply, { body: alert, notice: 'Resolved' })
    },
  )
}

/** A time, or how long from now (`4h`). */
const snoozeUntil = (text: string, now: Date): Date => {
  const ms = parseDuration(text)
  const until = ms === null ? readTime(text) : new Date(now.getTime() + ms)
  if (!until || until <= now)
    throw new AppError('invalid', `Expected a time to come or a duration such as 4h, got "${text}"`)
  return until
}
