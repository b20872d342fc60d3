import type { FastifyRequest } from 'fastify'

/** Five hundred alerts with long texts fit. */
export const WEBHOOK_BODY_BYTES_MAX = 1024 * 1024

/** Each webhook by itself; who has shown no credential yet by address. */
export const webhookPace = {
  max: 120,
  timeWindow: '1 minute',
  keyGenerator: (request: FastifyRequest) => request.caller?.credentialId ?? request.ip,
}
