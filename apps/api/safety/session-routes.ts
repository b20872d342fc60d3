import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Session, Sessions } from '@mc/core/credentials/sessions.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { browserName } from './browser-name.ts'
import { type Caller, callerOf } from './caller.ts'

const SessionShape = Type.Object(
  {
    id: Type.String(),
    browser: Type.String({ description: 'What a person would call it.' }),
    current: Type.Boolean({ description: 'The one that asks.' }),
    createdAt: Type.String({ format: 'date-time' }),
    seenAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Within a minute; null: not since it signed in.',
    }),
    expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  },
  {
    examples: [
      {
        id: 'browser-5d41402abc4b',
        browser: 'Firefox on Linux',
        current: true,
        createdAt: '2026-11-22T08:00:00.000Z',
        seenAt: '2026-11-22T09:30:00.000Z',
        expiresAt: '2026-12-22T08:00:00.000Z',
      },
    ],
  },
)
const List = Type.Object({ items: Type.Array(SessionShape), next: Type.Null() })
const Ended = Type.Object({ ended: Type.Integer() }, { examples: [{ ended: 2 }] })
const Id = Type.Object({ id: Type.String({ maxLength: 60 }) })
const Nothing = Type.Object({}, { additionalProperties: false })

/** A session as a person tells it from another. */
export const viewSession = (session: Session, caller: Caller) => ({
  id: session.id,
  browser: browserName(session.agent),
  current: session.id === caller.credentialId,
  createdAt: session.createdAt,
  seenAt: session.seenAt,
  expiresAt: session.expiresAt,
})

/** Which browsers are signed in, and signing them out. */
export const sessionRoutes: FastifyPluginAsyncTypebox<{ sessions: Sessions }> = async (
  app,
  { sessions },
) => {
  const tags = ['sessions']
  app.get(
    '/',
    {
      schema: { tags, summary: 'List signed-in browsers', response: { 200: List } },
    },
    async (request) => ({
      items: (await sessions.list()).map((one) => viewSession(one, callerOf(request))),
      next: null,
    }),
  )

  app.post(
    '/:id/end',
    {
      schema: {
        tags,
        summary: 'Sign a browser out',
        params: Id,
        body: Nothing,
        response: { 200: Ended },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const { id } = request.params
      await sessions.end(id)
      app.openStreams.cut(id)
      return answer(request, reply, { body: { ended: 1 }, notice: 'That browser is signed out' })
    },
  )

  app.post(
    '/end_others',
    {
      schema: {
        tags,
        summary: 'Sign every other browser out',
        description: 'With a bearer token: every browser.',
        body: Nothing,
        response: { 200: Ended },
      },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const ended = await sessions.endOthers(caller.kind === 'browser' ? caller.credentialId : null)
      for (const id of ended) app.openStreams.cut(id)
      return answer(request, reply, {
        body: { ended: ended.length },
        notice:
          ended.length === 1
            ? 'The other browser is signed out'
            : `${ended.length} other browsers are signed out`,
      })
    },
  )
}
