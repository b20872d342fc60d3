import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { profileNames } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { isOpenTurn, type Turn } from '@mc/core/turns/turn.ts'
import { TURN_TEXT_MAX, type Turns } from '@mc/core/turns/turns.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { callerOf } from '../safety/caller.ts'
import { LuciStatusShape, Nullable, TurnShape } from '../schemas.ts'
import { mustSay } from './must-say.ts'

const closed = { additionalProperties: false }
const TurnAnswer = Type.Object({ turn: TurnShape })
const WAIT_S_MAX = 600

/** `persistent_luci`: the proposal's own verbs over the session. A person's alone, but for looking. */
export const luciRoutes: FastifyPluginAsyncTypebox<{
  luci: Luci
  turns: Turns
  clock: Clock
  chatOff: () => Promise<boolean>
}> = async (app, { luci, turns, clock, chatOff }) => {
  app.post(
    '/send',
    {
      schema: {
        body: Type.Object(
          {
            text: Type.String({ minLength: 1, maxLength: TURN_TEXT_MAX }),
            wait: Type.Optional(Type.Number({ minimum: 0, maximum: WAIT_S_MAX })),
          },
          closed,
        ),
        response: { 200: TurnAnswer, 202: TurnAnswer },
      },
      config: { may: 'person' },
      preValidation: mustSay,
    },
    async (request, reply) => {
      if (await chatOff())
        throw new AppError('unavailable', 'Chat with Luci is switched off', {
          hint: 'Switch it on under Settings, or file a ticket.',
        })
      const { text, wait = 0 } = request.body
      const origin = callerOf(request).kind === 'browser' ? 'user' : 'api'
      const sent = await luci.send({ text, origin, author: 'person' })
      const turn = wait > 0 ? await untilEnded(luci, turns, clock, sent, wait * 1000) : sent
      return answer(request, reply, {
        status: isOpenTurn(turn.state) ? 202 : 200,
        body: { turn },
        notice: 'Sent to Luci',
        to: `/#turn-${turn.id}`,
      })
    },
  )

  const status = {
    schema: { response: { 200: LuciStatusShape } },
    config: { may: 'person' as const },
  }

  app.post('/start', status, async (request, reply) =>
    answer(request, reply, { body: await luci.start(), notice: 'Luci is starting' }),
  )

  app.post('/stop', status, async (request, reply) =>
    answer(request, reply, { body: await luci.stop(), notice: 'Luci is stopped' }),
  )

  app.post(
    '/switch',
    {
      schema: {
        body: Type.Object(
          {
            profile: Type.Enum(profileNames),
            force: Type.Optional(Type.Boolean()),
            /** A new conversation, not the one this program had last. */
            anew: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
        response: { 200: LuciStatusShape },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const { profile, force, anew } = request.body
      const body = await luci.switch({ profile, force: force ?? false, anew: anew ?? false })
      return answer(request, reply, { body, notice: `Luci is now ${body.profile}` })
    },
  )

  app.post(
    '/interrupt',
    {
      schema: {
        body: Type.Object({ turn: Type.Optional(Type.String({ maxLength: 20 })) }, closed),
        response: { 200: Type.Object({ turn: Nullable(TurnShape) }) },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const turn = await luci.interrupt(request.body.turn)
      return answer(request, reply, {
        body: { turn },
        notice: turn ? 'Luci was asked to stop' : 'Luci had nothing in hand',
      })
    },
  )

  app.post(
    '/answer',
    {
      schema: {
        body: Type.Object(
          {
            /** Absent for what she asks without a turn, at her first start for example. */
            turn: Type.Optional(Type.String({ maxLength: 20 })),
            prompt: Type.String({ maxLength: 200 }),
            choice: Type.String({ minLength: 1, maxLength: 2_000 }),
          },
          closed,
        ),
        response: { 200: Type.Object({ turn: Nullable(TurnShape) }) },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const { turn: turnId = null, prompt: promptId, choice } = request.body
      const turn = await luci.answer({ turnId, promptId, choice })
      return answer(request, reply, { body: { turn }, notice: 'Answered' })
    },
  )

  app.get('/status', { schema: { response: { 200: LuciStatusShape } } }, async () => luci.status())

  app.get(
    '/harvest',
    {
      schema: {
        querystring: Type.Object({
          turn: Type.String({ maxLength: 20 }),
          after: Type.Optional(Type.Integer({ minimum: 0 })),
        }),
        response: {
          200: Type.Object({
            turn: TurnShape,
            text: Type.String(),
            next: Type.Integer(),
            done: Type.Boolean(),
          }),
        },
      },
    },
    async (request) => luci.harvest(request.query.turn, request.query.after ?? 0),
  )
}

/** The turn as it stands once it has ended, or after `ms`. */
const untilEnded = async (
  luci: Luci,
  turns: Turns,
  clock: Clock,
  sent: Turn,
  ms: number,
): Promise<Turn> => {
  const ended = new AbortController()
  const unlisten = luci.on((event) => {
    if (event.type === 'turn' && event.turn.id === sent.id && !isOpenTurn(event.turn.state))
      ended.abort()
  })
  try {
    const now = await turns.get(sent.id)
    if (!isOpenTurn(now.state)) return now
    await clock.sleep(ms, ended.signal)
    return await turns.get(sent.id)
  } finally {
    unlisten()
  }
}
