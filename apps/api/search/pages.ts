import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { nouns, type Search } from '@mc/core/search/search.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import { presentHits, presentTabs } from './present.ts'

const SHOWN_MAX = 50

const Query = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 500 })),
  kind: Type.Optional(Type.Enum(nouns)),
})

/** What was looked for, and what was found; a ticket's key goes straight to the ticket. */
export const searchPage: FastifyPluginAsyncTypebox<{ search: Search; frame: PageFrame }> = async (
  app,
  { search, frame },
) => {
  app.get('/search', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const { q = '', kind } = request.query
    const found = await search.find(q, { limit: SHOWN_MAX, ...(kind ? { kinds: [kind] } : {}) })
    const [first] = found.hits
    if (first?.kind === 'ticket' && first.ref === q.trim().toUpperCase())
      return reply.redirect(first.href, 303)
    return frame.sendPage(request, reply, 'search/views/search', {
      page: 'search',
      title: q.trim() === '' ? 'Search' : `${q.trim()} – Search`,
      q,
      kind: kind ?? '',
      tabs: presentTabs(q, kind),
      hits: presentHits(found),
      isMore: (kind ? [kind] : nouns).some((one) => found.isMore[one]),
    })
  })
}
