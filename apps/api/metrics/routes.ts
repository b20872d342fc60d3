import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Database } from '@mc/db/database.ts'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics } from 'prom-client'
import { Type } from 'typebox'
import type { ReadinessLook } from '../health/readiness.ts'
import { createGathering } from './gather.ts'
import { createInstruments, measureTurns } from './instruments.ts'

/** Its own timer looks at the event loop so often: seldom enough to cost nothing. */
const LOOP_LOOK_MS = 200

/**
 * `/metrics` for Prometheus, with the credential in `credentials/metrics`, which opens nothing
 * else. Nothing is counted for whoever does not ask but the requests and turns as they end.
 */
export const serveMetrics = (
  app: FastifyInstance,
  deps: { db: Database; clock: Clock; luci: Luci; readiness: ReadinessLook },
): void => {
  const instruments = createInstruments()
  const gather = createGathering(deps, instruments)
  const stopMeasuring = measureTurns(deps.luci, instruments)
  let isWatched = false
  let scrape: Promise<string> | null = null

  app.addHook('onClose', async () => stopMeasuring())
  app.addHook('onResponse', async (request, reply) => {
    const isStream = String(reply.getHeader('content-type')).startsWith('text/event-stream')
    if (isStream) return
    instruments.httpSeconds.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1_000,
    )
  })

  /** Several who ask at once get the same answer. */
  const read = async (): Promise<string> => {
    if (!isWatched) {
      isWatched = true
      collectDefaultMetrics({
        register: instruments.register,
        eventLoopMonitoringPrecision: LOOP_LOOK_MS,
      })
    }
    await gather()
    return instruments.register.metrics()
  }

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Measurements for Prometheus',
        description:
          'Inbox, turns, digests, runs, alerts, channels, workers, Luci, requests and the process. Takes the credential in credentials/metrics as a bearer token, a person’s too.',
        tags: ['watching'],
        produces: ['text/plain'],
        response: {
          200: Type.String({ examples: ['mc_inbox_items{status="pending",priority="normal"} 3'] }),
        },
      },
      config: { metrics: true },
    },
    async (_request, reply) => {
      scrape ??= read().finally(() => {
        scrape = null
      })
      const text = await scrape
      return reply
        .type(instruments.register.contentType)
        .header('cache-control', 'no-store')
        .send(text)
    },
  )
}
