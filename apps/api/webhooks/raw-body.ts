import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, where a signature is of these very bytes. */
    rawBody?: Buffer
  }
}

/** In this scope JSON and forms are read as always, and their bytes kept. */
export const keepRawBody = (app: FastifyInstance): void => {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  for (const type of ['application/json', 'application/x-www-form-urlencoded'])
    app.removeContentTypeParser(type)
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.rawBody = body as Buffer
    if (request.rawBody.length === 0) return done(null, undefined)
    return parseJson(request, request.rawBody.toString('utf8'), done)
  })
  // GitHub's other content type: the same JSON in a field "payload".
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request, body, done) => {
      request.rawBody = body as Buffer
      const fields = new URLSearchParams(request.rawBody.toString('utf8'))
      const isGitHub = request.routeOptions.config.webhook === 'github'
      const payload = isGitHub ? fields.get('payload') : null
      if (payload === null) return done(null, Object.fromEntries(fields))
      return parseJson(request, payload, done)
    },
  )
}
