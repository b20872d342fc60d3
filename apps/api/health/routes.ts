import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { checks } from '@mc/core/workers/clear.ts'
import { Type } from 'typebox'
import type { ReadinessLook } from './readiness.ts'

const Ok = Type.Object({ ok: Type.Boolean() }, { examples: [{ ok: true }] })

const CheckShape = Type.Object({
  ok: Type.Boolean(),
  problem: Type.Optional(
    Type.String({ description: 'What is wrong, in words; only for who is signed in' }),
  ),
})

const ReadyShape = Type.Object(
  {
    ok: Type.Boolean({ description: 'Nothing is broken' }),
    checks: Type.Object(Object.fromEntries(checks.map((check) => [check, CheckShape]))),
  },
  {
    examples: [
      { ok: true, checks: Object.fromEntries(checks.map((check) => [check, { ok: true }])) },
    ],
  },
)

/** For whoever watches: the api runs; the whole desk works. */
export const healthRoutes: FastifyPluginAsyncTypebox<{ readiness: ReadinessLook }> = async (
  app,
  { readiness },
) => {
  app.get(
    '/healthz',
    {
      schema: {
        summary: 'Whether the api runs',
        description: 'Answers as long as the process does; it looks at nothing else.',
        tags: ['watching'],
        response: { 200: Ok },
      },
      config: { open: true },
    },
    async () => ({ ok: true }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether the whole desk works',
        description:
          'The database takes writes and is up to date, all three processes beat, the inbox drains, Luci is there, the channels of alerts take messages. 503 when one does not. What a person switched off or paused is no fault. Without a credential only yes or no for each.',
        tags: ['watching'],
        response: { 200: ReadyShape, 503: ReadyShape },
      },
      config: { open: true, metrics: true },
    },
    async (request, reply) => {
      const now = await readiness.recent()
      reply.code(now.ready ? 200 : 503).header('cache-control', 'no-store')
      const told = request.caller !== null
      return {
        ok: now.ready,
        checks: Object.fromEntries(
          Object.entries(now.checks).map(([name, { ok, problem }]) => [
            name,
            told && problem !== undefined ? { ok, problem } : { ok },
          ]),
        ),
      }
    },
  )
}
