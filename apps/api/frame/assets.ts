import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { readStylesheet } from './stylesheet.ts'

const YEAR_SECONDS = 31_536_000

/**
 * The stylesheet, the scripts and htmx from its package, at an address that changes when one of
 * them does: a browser keeps them and asks for none of them again. `/public/` without it has the
 * same files, for addresses that others know. Returns the address to link to.
 */
export const serveAssets = async (app: FastifyInstance, root: string): Promise<string> => {
  const folder = join(root, 'public')
  const htmx = join(root, 'node_modules', 'htmx.org', 'dist')
  const stylesheet = readStylesheet(join(root, 'styles'))
  const hash = createHash('sha256').update(readFileSync(join(htmx, 'htmx.min.js')))
  hash.update(stylesheet)
  for (const name of readdirSync(folder).sort())
    hash.update(name).update(readFileSync(join(folder, name)))
  const version = hash.digest('hex').slice(0, 12)
  const versioned = `/public/v-${version}`
  for (const [prefix, cache] of [
    ['/public', {}],
    [versioned, { maxAge: YEAR_SECONDS * 1_000, immutable: true }],
  ] as const) {
    await app.register(fastifyStatic, {
      root: folder,
      prefix: `${prefix}/`,
      decorateReply: false,
      ...cache,
    })
    await app.register(fastifyStatic, {
      root: htmx,
      prefix: `${prefix}/htmx/`,
      allowedPath: (path) => path === '/htmx.min.js',
      decorateReply: false,
      ...cache,
    })
    const keep = 'immutable' in cache ? `max-age=${YEAR_SECONDS}, immutable` : 'max-age=0'
    serveStylesheet(app, `${prefix}/style.css`, { text: stylesheet, version, keep })
  }
  return versioned
}

const serveStylesheet = (
  app: FastifyInstance,
  url: string,
  { text, version, keep }: { text: string; version: string; keep: string },
): void => {
  // Weak: the same sheet travels packed and plain.
  const etag = `W/"${version}"`
  const bytes = Buffer.from(text)
  // Errors are answered as elsewhere, which is set up after this.
  const errorHandler: typeof app.errorHandler = (...all) => app.errorHandler(...all)
  app.get(url, { schema: { hide: true }, errorHandler }, (request, reply) => {
    reply.header('cache-control', `public, ${keep}`).header('etag', etag)
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
    return reply.type('text/css; charset=utf-8').send(bytes)
  })
}
