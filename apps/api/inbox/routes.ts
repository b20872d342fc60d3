import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { NewVerdict } from '@mc/core/digest/verdicts.ts'
import { AppError } from '@mc/core/errors.ts'
import { itemKinds, itemStatuses, NewItem } from '@mc/core/inbox/item.ts'
import { eventOfItem } from '@mc/core/webhooks/plain.ts'
import { receive } from '@mc/core/webhooks/receive.ts'
import type { Database } from '@mc/db/database.ts'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { answer } from '../forms.ts'
import type { Nouns } from '../nouns.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { callerOf } from '../safety/caller.ts'
import { IdParam, ItemShape } from '../schemas.ts'
import { webhookPace } from '../webhooks/limits.ts'
import { itemResource } from './resource.ts'

const Filter = Type.Object({
  ...Paging,
  status: Type.Optional(Type.Enum(itemStatuses)),
  source: Type.Optional(
    Type.String({ maxLength: 100, description: 'scheduler, pickup, api, self_heal, …' }),
  ),
  kind: Type.Optional(Type.Enum(itemKinds)),
})

const VERDICTS_MAX = 1_000

const Verdicts = Type.Object(
  { verdicts: Type.Array(NewVerdict, { minItems: 1, maxItems: VERDICTS_MAX }) },
  { additionalProperties: false },
)

/** As much of it as has to be right for any of them to be read. */
const ManyVerdicts = Type.Object(
  { verdicts: Type.Array(Type.Unknown(), { minItems: 1, maxItems: VERDICTS_MAX }) },
  { additionalProperties: false },
)

const Recorded = Type.Object({ items: Type.Array(Type.Object({}, { additionalProperties: true })) })

export const inboxRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  nouns: Pick<Nouns, 'inbox' | 'listing' | 'digests' | 'webhooks'>
}> = async (app, { db, clock, nouns }) => {
  const { inbox, listing, digests, webhooks } = nouns
  app.get(
    '/',
    { schema: { querystring: Filter, response: { 200: Page(ItemShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, ...filter } = request.query
      const before = readCursor(cursor)
      const rows = await listing.list({
        ...filter,
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows.map(itemResource), limit, (item) => item.id)
    },
  )

  const get = async (id: number) => {
    const item = await inbox.find(id)
    if (!item) throw new AppError('not_found', `There is no item ${id}`)
    return itemResource(item)
  }

  app.get('/:id', { schema: { params: IdParam, response: { 200: ItemShape } } }, async (request) =>
    get(request.params.id),
  )

  app.post(
    '/',
    {
      schema: { body: NewItem, response: { 201: ItemShape } },
      config: {
        may: 'turn',
        webhook: 'item',
        rateLimit: {
          ...webhookPace,
          allowList: (request: FastifyRequest) => request.caller?.kind !== 'webhook',
        },
      },
    },
    async (request, reply) => {
      const { webhook, credentialId } = callerOf(request)
      if (webhook) {
        const from = { shape: 'plain', name: webhook.name }
        const [received] = await receive(db, clock, from, [eventOfItem(request.body)])
        await webhooks.noteUse(credentialId)
        return reply.code(201).send(await get(received?.item ?? 0))
      }
      const { id } = await inbox.post(request.body)
      return answer(request, reply, {
        status: 201,
        body: await get(id),
        notice: { tone: 'good', text: `Posted item ${id}`, href: `/inbox?tab=pending` },
      })
    },
  )

  // Records only: pickup acts on it and settles.
  app.post(
    '/resolve',
    {
      schema: { body: Verdicts, response: { 200: Recorded } },
      config: { may: 'verdict' },
      // A verdict that is wrong is refused by its place in the list; the others count.
      attachValidation: true,
    },
    async (request, reply) => {
      const caller = callerOf(request)
      if (!Value.Check(ManyVerdicts, request.body)) throw request.validationError
      const { verdicts } = request.body
      const results = await digests.recordVerdicts(
        caller.kind === 'agent'
          ? { by: 'luci', turnId: caller.turn?.id ?? '', verdicts }
          : { by: 'person', verdicts },
      )
      return answer(request, reply, { body: { items: results }, notice: 'Recorded' })
    },
  )
}
