import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

/**
 * Our stylesheet and scripts travel compressed. Never the pages: beside their token, what a
 * stranger wrote would let its length be measured (BREACH).
 */
export const gzipAssets = (app: FastifyInstance): void => {
  app.addHook('onSend', async (request, reply, payload) => {
    if (!request.routeOptions.url?.startsWith('/public/')) return payload
    reply.header('vary', 'accept-encoding')
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    const isWhole = request.method === 'GET' && reply.statusCode === 200
    if (!takesGzip || !isWhole || !(payload instanceof Readable)) return payload
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    reply.removeHeader('accept-ranges')
    const packed = createGzip()
    payload.on('error', (error) => packed.destroy(error))
    return payload.pipe(packed)
  })
}
