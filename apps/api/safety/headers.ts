import helmet from '@fastify/helmet'
import type { Config } from '@mc/core/config.ts'
import type { FastifyInstance } from 'fastify'

/** Half a year, as https://hstspreload.org asks for at least. */
const HTTPS_ONLY_SECONDS = 15_768_000

/** Nothing of what is left, `nosniff` and where it may be used, speaks of a page. */
const forDocuments = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]

/** What every answer tells the browser not to do. */
export const securityHeaders = async (
  app: FastifyInstance,
  http: Config['http'],
): Promise<void> => {
  await app.register(helmet, {
    // What helmet allows beyond this (data:, https:, inline style) no page of ours needs.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // "no-referrer" would make browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    // Only where people come by https; its sister names are not ours to speak for.
    strictTransportSecurity: http.publicUrl?.startsWith('https:')
      ? { maxAge: HTTPS_ONLY_SECONDS, includeSubDomains: false }
      : false,
  })
  // A stylesheet or a script frames nothing and runs nothing by itself; a first visit fetches dozens.
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode >= 400 || !request.routeOptions.url?.startsWith('/public/')) return
    for (const name of forDocuments) reply.raw.removeHeader(name)
  })
}
