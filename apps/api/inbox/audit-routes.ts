import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { stepKinds } from '@mc/core/audit/timeline.ts'
import type { Clock } from '@mc/core/clock.ts'
import { NewCorrection } from '@mc/core/corrections/corrections.ts'
import { judge } from '@mc/core/corrections/judge.ts'
import { handleAgain } from '@mc/core/inbox/again.ts'
import { verdictActions } from '@mc/core/inbox/item.ts'
import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import { plural } from '../frame/format.ts'
import type { Nouns } from '../nouns.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { IdParam, ItemShape, Nullable } from '../schemas.ts'
import { itemResource } from './resource.ts'

const TimelineShape = Type.Object({
  item: ItemShape,
  steps: Type.Array(
    Type.Object({
      at: Nullable(Type.String()),
      kind: Type.Enum(stepKinds),
      text: Type.String(),
      why: Nullable(Type.String()),
      href: Nullable(Type.String()),
    }),
  ),
})

const CorrectionShape = Type.Object(
  {
    id: Type.Integer(),
    item: Type.Integer(),
    verdict: Type.Enum(verdictActions),
    right: Type.Enum(verdictActions),
    decidedBy: Nullable(Type.String()),
    by: Type.String(),
    note: Nullable(Type.String()),
    at: Type.String(),
    supersededAt: Nullable(Type.String()),
  },
  { additionalProperties: true },
)

const Judgement = Type.Object(
  {
    items: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 500 }),
    action: Type.Enum(verdictActions),
    note: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  { additionalProperties: false },
)

const Judged = Type.Object({
  items: Type.Array(
    Type.Object({
      item: Type.Integer(),
      status: Type.Enum(['recorded', 'corrected', 'refused']),
      reason: Type.Optional(Type.String()),
    }),
  ),
})

const AccuracyShape = Type.Object({
  of: Type.String(),
  decided: Type.Integer(),
  corrected: Type.Integer(),
  right: Nullable(Type.Number({ description: 'Percent that nobody called wrong' })),
})

/** An item's way, and what a person says of it afterwards. */
export const inboxAuditRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  nouns: Pick<Nouns, 'timeline' | 'corrections' | 'accuracy'>
}> = async (app, { db, clock, nouns }) => {
  app.get(
    '/:id/timeline',
    { schema: { params: IdParam, response: { 200: TimelineShape } } },
    async (request) => {
      const { item, steps } = await nouns.timeline.of(request.params.id)
      return { item: itemResource(item), steps }
    },
  )

  app.get(
    '/:id/corrections',
    {
      schema: {
        params: IdParam,
        response: { 200: Type.Object({ items: Type.Array(CorrectionShape) }) },
      },
    },
    async (request) => ({ items: await nouns.corrections.of(request.params.id) }),
  )

  app.post(
    '/:id/corrections',
    {
      schema: { params: IdParam, body: NewCorrection, response: { 201: CorrectionShape } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const { actor } = actorOf(callerOf(request))
      const { correction, raised } = await nouns.corrections.correct(
        request.params.id,
        request.body,
        actor,
      )
      return answer(request, reply, {
        status: 201,
        body: correction,
        notice: raised
          ? 'Noted; what was missing is done now'
          : 'Noted; what was done is not taken back',
      })
    },
  )

  app.post(
    '/judge',
    { schema: { body: Judgement, response: { 200: Judged } }, config: { may: 'person' } },
    async (request, reply) => {
      const { items, action, note } = request.body
      const by = actorOf(callerOf(request)).actor
      const judged = await judge(db, clock, items, { action, note, by })
      return answer(request, reply, {
        body: { items: judged },
        notice: `Said of ${plural(judged.length, 'item')}`,
      })
    },
  )

  app.post(
    '/:id/again',
    { schema: { params: IdParam, response: { 200: ItemShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const item = await handleAgain(db, clock, request.params.id)
      return answer(request, reply, {
        body: itemResource(item),
        notice: `Item ${item.id} waits to be picked up again`,
      })
    },
  )

  app.get(
    '/accuracy',
    {
      schema: {
        response: {
          200: Type.Object({
            byDecider: Type.Array(AccuracyShape),
            byVerdict: Type.Array(AccuracyShape),
          }),
        },
      },
    },
    async () => nouns.accuracy.both(),
  )
}
