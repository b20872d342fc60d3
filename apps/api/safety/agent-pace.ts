import { AppError } from '@mc/core/errors.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Changes a minute that Luci's credential may ask for. A digest's verdicts are one call and a busy
 * minute of hers holds a few dozen: beyond this a program runs in a circle, and each round of it
 * would be a ticket or an alert.
 */
export const AGENT_CHANGES_PER_MINUTE = 240

/** Counts a change of the agent's; throws when it is one too many. Register the rate limit first. */
export const createAgentPace = (app: FastifyInstance) => {
  const count = app.createRateLimit({
    max: AGENT_CHANGES_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: (request: FastifyRequest) => request.caller?.credentialId ?? '',
  })
  return async (request: FastifyRequest): Promise<void> => {
    const limit = await count(request)
    if (limit.isAllowed || !limit.isExceeded) return
    throw new AppError('too_many', `More than ${AGENT_CHANGES_PER_MINUTE} changes in a minute`, {
      hint: `Wait ${limit.ttlInSeconds} seconds, and look why so many were needed.`,
    })
  }
}
