import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import { type ActionClass, actionClasses } from '@mc/core/trust/classes.ts'
import type { PauseDeps } from '@mc/core/trust/pause.ts'
import type { Trust } from '@mc/core/trust/trust.ts'
import { type Static, Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { classNotice, pausedNotice } from './present.ts'
import {
  AutonomyShape,
  ClassParam,
  PauseBody,
  PausedShape,
  SetClass,
  ShadowQuery,
  ShadowShape,
} from './schemas.ts'

/** What Luci may do by herself: looked at by anybody who may read, changed by a person alone. */
export const autonomyRoutes: FastifyPluginAsyncTypebox<{
  trust: Trust
  pausing: PauseDeps
}> = async (app, { trust, pausing }) => {
  const all = async () => ({ ...(await trust.view()), history: await trust.history() })

  app.get('/', { schema: { response: { 200: AutonomyShape } } }, all)

  const set = async (one: ActionClass, what: Static<typeof SetClass>, by: string) => {
    if (what.mode === undefined && what.cap === undefined)
      throw new AppError('invalid', 'Expected a mode or a cap, got neither')
    if (what.cap !== undefined) await trust.setCap(one, { cap: what.cap, by })
    if (what.mode !== undefined) await trust.set(one, { mode: what.mode, seen: what.seen, by })
    return all()
  }

  const schema = { params: ClassParam, body: SetClass, response: { 200: AutonomyShape } }
  app.put('/:class', { schema, config: { may: 'person' } }, async (request) =>
    set(request.params.class, request.body, actorOf(callerOf(request)).actor),
  )

  // A form knows no PUT.
  app.post(
    '/:class',
    { schema, config: { may: 'person' }, errorHandler: refuseOnPage },
    async (request, reply) => {
      const view = await set(request.params.class, request.body, actorOf(callerOf(request)).actor)
      return answer(request, reply, {
        body: view,
        notice: classNotice(view, request.params.class, request.body),
      })
    },
  )

  app.post(
    '/pause',
    {
      schema: { body: PauseBody, response: { 200: PausedShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const by = actorOf(callerOf(request)).actor
      const paused = await trust.pause({ ...request.body, by }, pausing)
      return answer(request, reply, { body: paused, notice: pausedNotice(paused) })
    },
  )

  app.post(
    '/resume',
    {
      schema: { response: { 200: Type.Object({ resumed: Type.Boolean() }) } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const resumed = await trust.resume(actorOf(callerOf(request)).actor)
      return answer(request, reply, {
        body: { resumed },
        notice: resumed
          ? 'No longer paused: digests are sent again, and workers start'
          : 'Autonomous action was not paused',
      })
    },
  )

  app.get(
    '/shadow',
    { schema: { querystring: ShadowQuery, response: { 200: ShadowShape } } },
    async (request) => {
      const { days = 30, trust: names } = request.query
      const trusted = readClasses(names)
      const shadow = await trust.shadow({ days, ...(trusted ? { trusted } : {}) })
      return { ...shadow, trusted: [...shadow.trusted] }
    },
  )
}

/** Names with commas between, or `all`. Undefined without any; throws `invalid`. */
export const readClasses = (names: string | undefined): readonly ActionClass[] | undefined => {
  const wanted = (names ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  if (wanted.length === 0) return undefined
  if (wanted.includes('all')) return actionClasses
  const unknown = wanted.filter((name) => !(actionClasses as readonly string[]).includes(name))
  if (unknown.length > 0)
    throw new AppError(
      'invalid',
      `Expected some of ${actionClasses.join(', ')}, or all, got "${unknown.join(', ')}"`,
    )
  return actionClasses.filter((one) => wanted.includes(one))
}
