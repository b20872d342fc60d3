import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Indexer } from '@mc/core/search/indexer.ts'
import { nouns, type Search } from '@mc/core/search/search.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'

const Part = Type.Object({ text: Type.String(), isHit: Type.Boolean() })

const Hit = Type.Object(
  {
    kind: Type.Enum(nouns),
    id: Type.Integer(),
    ref: Type.String({ description: 'MC-12, a turn’s name or an item’s number' }),
    title: Type.Array(Part),
    snippet: Type.Array(Part),
    state: Type.String(),
    isOpen: Type.Boolean(),
    at: Type.String(),
    href: Type.String({ description: 'Its page' }),
    score: Type.Number(),
  },
  { additionalProperties: true },
)

export const SearchQuery = Type.Object({
  q: Type.String({
    maxLength: 500,
    description: 'Words or their beginnings, all of which must be there; "in a row"; or MC-12',
  }),
  kind: Type.Optional(Type.Enum(nouns, { description: 'Only these' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
})

/** Finds by words; what was just written is found a second or two later. */
export const searchRoutes: FastifyPluginAsyncTypebox<{
  search: Search
  indexer: Indexer
}> = async (app, { search, indexer }) => {
  app.get(
    '/',
    {
      schema: {
        querystring: SearchQuery,
        response: {
          200: Type.Object({
            items: Type.Array(Hit),
            next: Type.Null(),
            more: Type.Record(Type.String(), Type.Boolean(), {
              description: 'By kind: older ones were not looked at',
            }),
          }),
        },
      },
    },
    async (request) => {
      const { q, kind, limit = 20 } = request.query
      const { hits, isMore } = await search.find(q, { limit, ...(kind ? { kinds: [kind] } : {}) })
      return { items: hits, next: null, more: isMore }
    },
  )

  app.post(
    '/rebuild',
    {
      schema: { response: { 202: Type.Object({ rebuilding: Type.Literal(true) }) } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      await indexer.forget()
      return answer(request, reply, {
        status: 202,
        body: { rebuilding: true as const },
        notice: 'Everything is being taken in again; until then some is not found',
      })
    },
  )
}
