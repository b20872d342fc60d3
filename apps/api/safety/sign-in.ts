import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '@mc/core/config.ts'
import { type Credentials, SIGN_IN_LINK_MS } from '@mc/core/credentials/credentials.ts'
import { AppError } from '@mc/core/errors.ts'
import { Type } from 'typebox'
import { SIGN_IN_HINT } from './guard.ts'
import { sessionCookie, setSession } from './session.ts'

const SignInLink = Type.Object({ url: Type.String(), expiresAt: Type.String() })

/** The one-time link, and the session it is traded for. */
export const signIn: FastifyPluginAsyncTypebox<{
  config: Config
  credentials: Credentials
}> = async (app, { config, credentials }) => {
  app.post(
    '/api/v1/sign_in_links',
    { schema: { response: { 201: SignInLink } }, config: { may: 'person', secretAnswer: true } },
    async (request, reply) => {
      const link = await credentials.issue('sign_in', { ttlMs: SIGN_IN_LINK_MS })
      const base = config.http.publicUrl ?? `http://${request.headers.host}`
      reply.code(201)
      return { url: `${base}/sign-in?token=${link.token}`, expiresAt: link.expiresAt ?? '' }
    },
  )

  app.get(
    '/sign-in',
    {
      schema: {
        querystring: Type.Object({ token: Type.Optional(Type.String({ maxLength: 200 })) }),
        hide: true,
      },
      config: { open: true, rateLimit: { max: 10, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      const { token } = request.query
      if (!token && !request.caller)
        throw new AppError('unauthorized', 'You are not signed in', { hint: SIGN_IN_HINT })
      const session = token ? await credentials.redeem(token) : null
      if (!session) {
        // A second click on the link of this very session is no mistake.
        if (request.caller) return reply.redirect('/', 303)
        throw new AppError('unauthorized', 'This sign-in link was used already or is too old', {
          hint: `A link works once, for ten minutes. ${SIGN_IN_HINT}`,
        })
      }
      setSession(reply, config.http, session)
      return reply.redirect('/', 303)
    },
  )

  app.post(
    '/sign-out',
    { schema: { hide: true }, config: { may: 'person' } },
    async (request, reply) => {
      if (request.caller?.kind === 'browser') {
        await credentials.revoke(request.caller.credentialId)
        app.openStreams.cut(request.caller.credentialId)
      }
      reply.clearCookie(sessionCookie(config.http), { path: '/' })
      return reply.redirect('/', 303)
    },
  )
}
