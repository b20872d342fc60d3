import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const YEAR = '365d'

/**
 * The stylesheet, the scripts and htmx from its package, at an address that changes when one of
 * them does: a browser keeps them and asks for none of them again. `/public/` without it has the
 * same files, for addresses that others know. Returns the address to link to.
 */
export const serveAssets = async (app: FastifyInstance, root: string): Promise<string> => {
  const folder = join(root, 'public')
  const htmx = join(root, 'node_modules', 'htmx.org', 'dist')
  const hash = createHash('sha256').update(readFileSync(join(htmx, 'htmx.min.js')))
  for (const name of readdirSync(folder).sort())
    hash.update(name).update(readFileSync(join(folder, name)))
  const versioned = `/public/v-${hash.digest('hex').slice(0, 12)}`
  for (const [prefix, cache] of [
    ['/public', {}],
    [versioned, { maxAge: YEAR, immutable: true }],
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
  }
  return versioned
}
