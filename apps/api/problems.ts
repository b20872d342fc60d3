import { AppError, type ErrorCode } from '@mc/core/errors.ts'
import type { Log } from '@mc/core/log.ts'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { wantsPage } from './forms.ts'
import { mistakesIn } from './mistakes.ts'

/** application/problem+json (RFC 9457), with our code and what to do. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  hint: Type.Optional(Type.String()),
  problems: Type.Optional(Type.Array(Type.String())),
})
export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  hint?: string
  problems?: string[]
}

const statusOf: Record<ErrorCode, number> = {
  invalid: 400,
  unprocessable: 422,
  too_many: 429,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
}

const titleOf: Record<number, string> = {
  400: 'That could not be understood',
  401: 'Please sign in',
  403: 'That is not allowed',
  404: 'Nothing here',
  405: 'That is not done here',
  409: 'That cannot be done as things are',
  413: 'That is too large',
  415: 'That kind of content is not taken',
  422: 'That is not what was expected',
  429: 'Too many tries',
  500: 'Something went wrong here',
  503: 'Not available right now',
}

/** An error as a person or program may see it: what is not ours to tell is one polite sentence. */
export const toProblem = (error: unknown, request?: FastifyRequest): Problem => {
  if (error instanceof AppError) {
    const { code, message, hint, problems, stale } = error
    const found = problem(statusOf[code], code, message, hint, problems)
    return stale ? { ...found, title: 'Something changed meanwhile' } : found
  }
  const { validation, validationContext, statusCode, message } = error as FastifyError
  if (validation) {
    // A page under a name that none can have is a page that is not there.
    if (validationContext === 'params' && request && wantsPage(request))
      return problem(404, 'not_found', `There is nothing at ${pathOf(request)}`)
    const problems = mistakesIn(error as FastifyError, request)
    return problem(400, 'invalid', problems.join('; '), undefined, problems)
  }
  if (statusCode === 429) return problem(429, 'invalid', (error as TooMany).what ?? TRIES, message)
  if (statusCode && statusCode >= 400 && statusCode < 500)
    return problem(statusCode, 'invalid', message)
  return problem(500, 'internal', 'An unexpected error; the log of the api has the details.')
}

/** What the rate limit throws: which status, and how long to wait. */
export const tooManyTries = (
  { routeOptions }: FastifyRequest,
  { after }: { after: string },
): Error & TooMany =>
  Object.assign(new Error(`Wait ${after}, then try again.`), {
    statusCode: 429,
    what: routeOptions.config.webhook ? 'This webhook sends too many events' : TRIES,
  })

type TooMany = { what?: string }
const TRIES = 'Too many tries from your address'

const problem = (
  status: number,
  code: string,
  detail: string,
  hint?: string,
  problems: readonly string[] = [],
): Problem => ({
  type: 'about:blank',
  title: titleOf[status] ?? 'That did not work',
  status,
  code,
  detail,
  ...(hint === undefined ? {} : { hint }),
  ...(problems.length > 0 ? { problems: [...problems] } : {}),
})

/** A path that is none (`/%`) reaches no route, and so none of its checks. */
export const answerBadUrl = (
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void => {
  const found = toProblem(error)
  void reply.code(found.status).type('application/problem+json').send(JSON.stringify(found))
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? ''

/** What may be done at a path that is there. */
const methodsAt = (routes: FastifyInstance['routeTable'], path: string): string[] => {
  const parts = path.replace(/\/$/, '').split('/')
  const fits = (url: string): boolean => {
    const pattern = url.replace(/\/$/, '').split('/')
    // What lies below a folder is a file of it, whose methods are those of the folder.
    if (url.includes('*') || pattern.length !== parts.length) return false
    return pattern.every((part, n) => part.startsWith(':') || part === parts[n])
  }
  return [...new Set(routes.filter(({ url }) => fits(url)).flatMap(({ method }) => method))].sort()
}

/** The one place where an error becomes a status and a page. */
export const answerProblems = (
  app: FastifyInstance,
  log: Log,
  page: (request: FastifyRequest, reply: FastifyReply, problem: Problem) => Promise<unknown>,
): void => {
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const found = toProblem(error, request)
    if (found.status >= 500 && !(error instanceof AppError))
      log.error(
        { err: error, method: request.method, route: request.routeOptions.url },
        'request failed',
      )
    reply.code(found.status)
    if (wantsPage(request)) return page(request, reply, found)
    return reply.type('application/problem+json').send(JSON.stringify(found))
  }
  app.setErrorHandler(answer)
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const allowed = methodsAt(app.routeTable, path)
    if (allowed.length === 0)
      return answer(new AppError('not_found', `There is nothing at ${path}`), request, reply)
    reply.header('allow', allowed.join(', '))
    const wrong = `${request.method} is not done at ${path}, but ${allowed.join(', ')}`
    return answer(Object.assign(new Error(wrong), { statusCode: 405 }), request, reply)
  })
}
