import { sentences } from '@mc/core/client/sentences.ts'
import { AppError } from '@mc/core/errors.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

declare module 'fastify' {
  interface FastifyRequest {
    /** The path a form's answer goes back to; null when the body was no form. */
    formBack: string | null
  }
}

/** A browser that would rather read than parse. */
export const wantsPage = (request: FastifyRequest): boolean =>
  (request.headers.accept ?? '').includes('text/html')

export const isForm = (request: FastifyRequest): boolean =>
  /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/.test(
    request.headers['content-type'] ?? '',
  )

/**
 * Lets every mutating route take a form as well as JSON: empty fields are left out, texts become
 * what the route's schema expects (numbers, lists by comma), and `_back` is where to return to.
 */
export const takeForms = (app: FastifyInstance): void => {
  app.decorateRequest('formBack', null)
  app.addHook('preValidation', async (request) => {
    // An empty body is an empty object: what a route then misses it says by name.
    if (request.routeOptions.schema?.body && request.body == null) request.body = {}
    if (!isForm(request)) return
    const { _back, ...fields } = (request.body ?? {}) as Record<string, string>
    request.formBack = ourPath(_back) ?? '/'
    const schema = request.routeOptions.schema?.body as TSchema | undefined
    request.body = schema ? shape(schema, fields) : fields
  })
}

const shape = (schema: TSchema, fields: Record<string, string | string[]>): unknown => {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const filled = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [
      name,
      // Browsers send CRLF in a textarea, whatever the person typed.
      properties[name]?.type === 'array'
        ? [value].flat().flatMap(splitList)
        : // A field that comes twice where one is meant: the last, as browsers' own order has it.
          ([value].flat().at(-1) ?? '').replaceAll('\r\n', '\n'),
    ])
  return Value.Convert(schema, Object.fromEntries(filled))
}

const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** A path of ours, never another site's; null when it is none. */
export const ourPath = (text: unknown): string | null =>
  typeof text === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(text) ? text : null

export type Notice = {
  tone: 'good' | 'warn' | 'bad'
  text: string
  href?: string | undefined
  /** A time that follows the text, shown as the page shows its times. */
  at?: string | undefined
}

const NOTICE_COOKIE = 'mc_notice'

/**
 * Answers a mutation: JSON for programs; for a form 303 back to its page, with a notice that is
 * shown there once.
 */
export const answer = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    status = 200,
    body,
    notice,
    to,
  }: { status?: number; body: T; notice: Notice | string; to?: string },
) => {
  if (request.formBack === null) return reply.code(status).send(body)
  leaveNotice(reply, typeof notice === 'string' ? { tone: 'good', text: notice } : notice)
  return reply.redirect(to ?? request.formBack, 303)
}

/**
 * A route's `errorHandler`: what is refused to a form is said on the page that it came from. A
 * program, and what nobody can do anything about, gets the usual answer.
 */
export const refuseOnPage = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  if (request.formBack === null || !(error instanceof AppError)) throw error
  leaveNotice(reply, { tone: 'bad', text: sentences(error.message, error.hint) })
  return reply.redirect(request.formBack, 303)
}

export const leaveNotice = (reply: FastifyReply, notice: Notice): void => {
  const value = Buffer.from(JSON.stringify(notice).slice(0, 2_000)).toString('base64url')
  reply.setCookie(NOTICE_COOKIE, value, { path: '/', httpOnly: true, sameSite: 'lax', maxAge: 60 })
}

const NoticeShape = Type.Object({
  tone: Type.Enum(['good', 'warn', 'bad']),
  text: Type.String(),
  href: Type.Optional(Type.String()),
  at: Type.Optional(Type.String()),
})

/** The notice left by the form before, once; null when there is none. */
export const takeNotice = (request: FastifyRequest, reply: FastifyReply): Notice | null => {
  const value = request.cookies[NOTICE_COOKIE]
  if (!value) return null
  reply.clearCookie(NOTICE_COOKIE, { path: '/' })
  try {
    const notice: unknown = JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))
    if (!Value.Check(NoticeShape, notice)) return null
    const at = Number.isNaN(Date.parse(notice.at ?? '')) ? undefined : notice.at
    return { ...notice, href: ourPath(notice.href) ?? undefined, at }
  } catch {
    // A cookie cut short or not ours is no notice.
    return null
  }
}
