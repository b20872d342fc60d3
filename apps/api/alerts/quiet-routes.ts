import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { channelNames } from '@mc/core/alerts/channel.ts'
import { channelLabels } from '@mc/core/alerts/channels.ts'
import {
  parseDays,
  parseQuietHours,
  QUIET_HOURS_EXPECTED,
  type QuietHours,
  quietHoursText,
} from '@mc/core/alerts/quiet-hours.ts'
import { setQuietHours, unsetQuietHours } from '@mc/core/alerts/quiet-setting.ts'
import type { Clock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { zone } from '../frame/format.ts'
import { Page } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { IdParam } from '../schemas.ts'
import { alertWords } from './notices.ts'
import type { AlertDesk } from './nouns.ts'
import { timeToCome } from './routes.ts'
import { ChannelShape, MuteShape, QuietShape, TriedShape } from './schemas.ts'

const NewMute = Type.Object(
  {
    /** One trouble; without, all that is not urgent. */
    fingerprint: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    until: Type.String({
      minLength: 1,
      maxLength: 40,
      description: 'A time, or how long: 4h',
    }),
    reason: Type.Optional(Type.String({ maxLength: 300 })),
  },
  { additionalProperties: false },
)

const SetQuiet = Type.Object(
  {
    /** `22:00-07:00 Europe/Berlin mon-fri`, `off`, or empty for what the environment says. */
    hours: Type.Optional(Type.String({ maxLength: 200 })),
    /** Or field by field, as the form has it. */
    from: Type.Optional(Type.String({ maxLength: 10 })),
    to: Type.Optional(Type.String({ maxLength: 10 })),
    zone: Type.Optional(Type.String({ maxLength: 60 })),
    days: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 7 })),
  },
  { additionalProperties: false },
)

/** What is not told, until when, and by which channel the rest goes. */
export const quietRoutes: FastifyPluginAsyncTypebox<{ desk: AlertDesk; clock: Clock }> = async (
  app,
  { desk, clock },
) => {
  const { mutes, settings, channels } = desk

  app.get('/mutes', { schema: { response: { 200: Page(MuteShape) } } }, async () => ({
    items: await mutes.inForce(),
    next: null,
  }))

  app.post(
    '/mutes',
    { schema: { body: NewMute, response: { 201: MuteShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const { fingerprint, until: text, reason } = request.body
      const until = timeToCome(text, clock.now())
      const mute = await mutes.mute({
        until,
        by: actorOf(callerOf(request)).actor,
        ...(fingerprint ? { fingerprint } : {}),
        ...(reason ? { reason } : {}),
      })
      const notice = alertWords.muted(mute.fingerprint, until)
      return answer(request, reply, { status: 201, body: mute, notice })
    },
  )

  app.post(
    '/mutes/:id/end',
    { schema: { params: IdParam, response: { 200: MuteShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const mute = await mutes.end(request.params.id, actorOf(callerOf(request)).actor)
      return answer(request, reply, { body: mute, notice: alertWords.unmuted })
    },
  )

  app.get('/quiet', { schema: { response: { 200: QuietShape } } }, async () => desk.quiet())

  app.post(
    '/quiet',
    { schema: { body: SetQuiet, response: { 200: QuietShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const { hours: text, from, to, zone: place = zone(), days } = request.body
      const by = actorOf(callerOf(request)).actor
      if (from !== undefined || to !== undefined)
        await setQuietHours(settings, read(`${from}-${to} ${place} ${daysText(days)}`), by)
      else if (text === undefined) await unsetQuietHours(settings)
      else await setQuietHours(settings, text === 'off' ? null : read(text), by)
      const quiet = await desk.quiet()
      const words = quiet.hours ? quietHoursText(quiet.hours) : 'none'
      const notice =
        quiet.from === 'person'
          ? `Quiet hours are now ${words}`
          : `Quiet hours are again as the environment has them: ${words}`
      return answer(request, reply, { body: quiet, notice })
    },
  )

  app.get('/channels', { schema: { response: { 200: Page(ChannelShape) } } }, async () => ({
    items: await channels.health(),
    next: null,
  }))

  app.post(
    '/test',
    {
      schema: {
        body: Type.Object(
          { channel: Type.Optional(Type.Enum(channelNames)) },
          { additionalProperties: false },
        ),
        response: { 200: TriedShape },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const gone = new AbortController()
      const tried = await channels.try(request.body.channel, gone.signal)
      const label = channelLabels[tried.channel]
      return answer(request, reply, {
        body: tried,
        notice:
          tried.status === 'sent'
            ? `${label} took the test message`
            : { tone: 'bad', text: `${label} did not take the test message: ${tried.reason}` },
      })
    },
  )
}

const daysText = (days: readonly string[] | undefined): string => {
  const text = days?.join(',') || 'mon-sun'
  if (!parseDays(text))
    throw new AppError('invalid', `Expected days such as mon,tue, got "${text}"`)
  return text
}

const read = (text: string): QuietHours => {
  const hours = parseQuietHours(text.trim(), zone())
  if (!hours)
    throw new AppError('invalid', `Expected ${QUIET_HOURS_EXPECTED}, or off; got "${text.trim()}"`)
  return hours
}
