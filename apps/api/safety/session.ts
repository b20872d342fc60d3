import type { Config } from '@mc/core/config.ts'
import { type Issued, SESSION_MS } from '@mc/core/credentials/credentials.ts'
import type { FastifyReply } from 'fastify'

/** Cookies ignore ports: two desks on one machine must not sign each other out. */
export const sessionCookie = (http: Config['http']): string => `mc_session_${http.port}`

/** Gives the browser its session, however it came in. */
export const setSession = (reply: FastifyReply, http: Config['http'], session: Issued): void => {
  reply.setCookie(sessionCookie(http), session.token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: http.publicUrl?.startsWith('https:') ?? false,
    maxAge: SESSION_MS / 1000,
  })
}
