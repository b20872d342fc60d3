import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { inboundStates } from '@mc/core/telegram/inbound.ts'
import { checks } from '@mc/core/workers/clear.ts'
import { Type } from 'typebox'
import type { Overview } from '../overview.ts'
import { LuciStatusShape, Nullable } from '../schemas.ts'

const more = { additionalProperties: true }

const StatusShape = Type.Object(
  {
    version: Type.String(),
    luci: LuciStatusShape,
    workers: Type.Array(
      Type.Object(
        { name: Type.String(), state: Type.Enum(['alive', 'stale', 'stopped', 'absent']) },
        more,
      ),
    ),
    inbox: Type.Object({
      pending: Type.Integer(),
      claimed: Type.Integer(),
      handledToday: Type.Integer(),
      silencedToday: Type.Integer(),
    }),
    tickets: Type.Object({
      open: Type.Integer(),
      byStatus: Type.Record(Type.String(), Type.Integer()),
    }),
    alerts: Type.Object({ open: Type.Integer(), undelivered: Type.Integer() }),
    tasks: Type.Object({
      total: Type.Integer(),
      failing: Type.Array(Type.String()),
      paused: Type.Integer(),
      next: Nullable(Type.Object({ id: Type.String(), at: Type.String() })),
      problems: Type.Array(Type.String()),
      allPaused: Nullable(Type.Object({ reason: Type.String(), by: Type.String() }, more)),
    }),
    turns: Type.Object({ queued: Type.Integer() }),
    switches: Type.Record(
      Type.String(),
      Type.Object({ value: Type.String(), from: Type.Enum(['environment', 'person']) }),
    ),
    telegram: Type.Object({
      configured: Type.Boolean(),
      problem: Nullable(Type.String()),
      tried: Type.Boolean(),
      failures: Type.Integer(),
      inbound: Type.Object({
        state: Type.Enum(inboundStates),
        problem: Nullable(Type.String()),
        strangers: Type.Array(
          Type.Object({ userId: Type.Integer(), chatId: Type.String(), at: Type.String() }),
        ),
      }),
    }),
    channels: Type.Array(
      Type.Object({
        label: Type.String(),
        problem: Nullable(Type.String()),
        failures: Type.Integer(),
      }),
      { description: 'What alerts go by: the first takes all, the others stand in for it' },
    ),
    unclear: Type.Array(
      Type.Object({
        check: Type.Enum(checks),
        kind: Type.Enum(['fault', 'chosen']),
        words: Type.String(),
      }),
      { description: 'All that keeps the desk from being "all clear"; empty when nothing does' },
    ),
    database: Type.Enum(['sqlite', 'postgres']),
  },
  more,
)

export const statusRoute: FastifyPluginAsyncTypebox<{ overview: Overview }> = async (
  app,
  { overview },
) => {
  app.get('/api/v1/status', { schema: { response: { 200: StatusShape } } }, async () =>
    overview.status(),
  )
}
