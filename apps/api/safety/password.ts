import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '@mc/core/config.ts'
import { type Credentials, SESSION_MS } from '@mc/core/credentials/credentials.ts'
import { verifyPassword } from '@mc/core/credentials/password.ts'
import { AppError } from '@mc/core/errors.ts'
import { Type } from 'typebox'
import { SIGN_IN_HINT } from './guard.ts'
import { setSession } from './session.ts'

const Password = Type.Object(
  { password: Type.Optional(Type.String({ maxLength: 1_000 })) },
  { additionalProperties: false },
)

/** Who waits longer than this many looks of 0.3 s is better told to come again. */
const WAITING_MAX = 20

/**
 * The password's form; without a password there is no such route. There is no session yet whose
 * token the form could carry: the guard demands our own Origin instead.
 */
export const passwordSignIn: FastifyPluginAsyncTypebox<{
  config: Config
  credentials: Credentials
}> = async (app, { config, credentials }) => {
  const { passwordHash } = config.http
  if (!passwordHash) return
  const verify = oneAtATime((password: string) => verifyPassword(password, passwordHash))

  app.post(
    '/sign-in',
    {
      schema: { body: Password, hide: true },
      config: { open: true, may: 'person', rateLimit: { max: 8, timeWindow: '5 minutes' } },
    },
    async (request, reply) => {
      if (!(await verify(request.body.password ?? '')))
        throw new AppError('unauthorized', 'That is not the password', { hint: SIGN_IN_HINT })
      setSession(reply, config.http, await credentials.issue('browser', { ttlMs: SESSION_MS }))
      return reply.redirect(request.formBack ?? '/', 303)
    },
  )
}

/** A look takes 128 MiB: many at once, from many addresses, must not take the machine's memory. */
const oneAtATime = <T>(work: (text: string) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async (text: string): Promise<T> => {
    if (waiting >= WAITING_MAX)
      throw new AppError('unavailable', 'Too many are signing in at once', {
        hint: 'Wait a minute, then try again.',
      })
    waiting++
    const mine = last.then(() => work(text))
    last = mine.catch(() => {
      // Told to whoever asked; the next look starts all the same.
    })
    return mine.finally(() => waiting--)
  }
}
