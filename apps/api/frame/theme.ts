import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { answer } from '../forms.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const COOKIE = 'mc_theme'
const YEAR_S = 365 * 86_400

/** What this browser's person chose; by default as the system has it. */
export const themeOf = (request: FastifyRequest): Theme =>
  themes.find((one) => one === request.cookies[COOKIE]) ?? 'system'

/** A choice of this browser, not of the desk: so a cookie, which the server can read in time. */
export const themeRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/theme',
    {
      schema: {
        hide: true,
        body: Type.Object({ theme: Type.Enum(themes) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { theme } = request.body
      reply.setCookie(COOKIE, theme, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        maxAge: YEAR_S,
      })
      return answer(request, reply, {
        body: { theme },
        notice: theme === 'system' ? 'As your system has it' : `The pages are ${theme} here`,
      })
    },
  )
}
