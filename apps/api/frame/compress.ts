import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const packBrotli = promisify(brotliCompress)
const packGzip = promisify(gzip)
type Coding = 'br' | 'gzip'

/** Below this a packed answer is no smaller. */
const BYTES_MIN = 1_000

/**
 * Pages, the stylesheet and scripts travel compressed. A page may be because its only secret, the
 * CSRF token, is masked anew each time: lengths tell nothing of it (BREACH). Files are packed
 * once, as well as can be; they do not change while we run.
 */
export const compress = (app: FastifyInstance): void => {
  const files = new Map<string, Promise<Buffer>>()
  app.addHook('onSend', async (request, reply, payload) => {
    const isFile = request.routeOptions.url?.startsWith('/public/') ?? false
    const isPage = String(reply.getHeader('content-type') ?? '').startsWith('text/html')
    if (!isFile && !isPage) return payload
    reply.header('vary', 'accept-encoding')
    const coding = codingOf(request)
    if (!coding || request.method !== 'GET' || reply.getHeader('content-encoding')) return payload
    if (isPage && typeof payload === 'string') {
      if (payload.length < BYTES_MIN) return payload
      reply.header('content-encoding', coding).removeHeader('content-length')
      return pack(coding, Buffer.from(payload), 'quick')
    }
    if (!isFile || reply.statusCode !== 200) return payload
    if (!isStream(payload) && !Buffer.isBuffer(payload)) return payload
    const type = String(reply.getHeader('content-type') ?? '')
    if (type.startsWith('image/png')) return payload
    // Without the query: anybody may ask for a file under endless names of it.
    const key = `${coding} ${request.url.split('?', 1)[0]}`
    let packed = files.get(key)
    if (!packed) {
      packed = wholeOf(payload).then((whole) => pack(coding, whole, 'well'))
      files.set(key, packed)
      packed.catch(() => files.delete(key))
    } else if (isStream(payload)) payload.destroy()
    const bytes = await packed
    reply.header('content-encoding', coding).header('content-length', bytes.length)
    reply.removeHeader('accept-ranges')
    return bytes
  })
}

const pack = (coding: Coding, bytes: Buffer, how: 'quick' | 'well'): Promise<Buffer> =>
  coding === 'gzip'
    ? packGzip(bytes, { level: how === 'quick' ? 6 : 9 })
    : packBrotli(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: how === 'quick' ? 4 : constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      })

const codingOf = (request: FastifyRequest): Coding | null => {
  const takes = String(request.headers['accept-encoding'] ?? '')
  if (/\bbr\b/.test(takes)) return 'br'
  return /\bgzip\b/.test(takes) ? 'gzip' : null
}

const wholeOf = async (payload: Readable | Buffer): Promise<Buffer> =>
  isStream(payload) ? buffer(payload) : payload

const isStream = (payload: unknown): payload is Readable =>
  typeof payload === 'object' && payload !== null && 'pipe' in payload
