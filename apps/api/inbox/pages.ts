import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import { itemKinds } from '@mc/core/inbox/item.ts'
import type { ItemPage } from '@mc/core/inbox/listing.ts'
import type { Database } from '@mc/db/database.ts'
import { COUNT_SHOWN_MAX, countUp } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { changesRoute } from './changes.ts'
import { itemPage } from './item-page.ts'
import { emptyTexts, firstPost, groupItems, kindWords, type Tab, tabs } from './present.ts'
import { addressOf, chipsOf, InboxQuery, rangeOf, traitsOf } from './query.ts'

const SHOWN = 60

export type InboxPages = {
  db: Database
  clock: Clock
  nouns: Nouns
  frame: PageFrame
  publicUrl: string | null
}

/** Everything that was reported, by what became of it. */
export const inboxPage: FastifyPluginAsyncTypebox<InboxPages> = async (app, deps) => {
  const { nouns, frame } = deps
  const { listing, timeline } = nouns

  const find = (tab: Tab, query: InboxQuery): Promise<ItemPage> => {
    const cursor = query.cursor ?? (query.before ? String(query.before) : undefined)
    const page = { ...traitsOf(query), ...(cursor ? { cursor } : {}), limit: SHOWN }
    if (tab === 'needs') return listing.needingPage(page)
    if (tab === 'pending') return listing.waitingPage(page)
    return listing.settledPage(tab === 'handled' ? 'processed' : 'ignored', {
      ...page,
      ...rangeOf(query),
    })
  }

  app.get('/inbox', { schema: { querystring: InboxQuery, hide: true } }, async (request, reply) => {
    const { query } = request
    const tab = query.tab ?? 'needs'
    const [page, counts, needs] = await Promise.all([
      find(tab, query),
      listing.counts(COUNT_SHOWN_MAX),
      listing.needingCount(COUNT_SHOWN_MAX),
    ])
    const ids = page.items.map((item) => item.id)
    const [effects, openAlerts] = await Promise.all([
      timeline.effectsOf(ids),
      listing.openAlertsOf(ids),
    ])
    const shown: Record<Tab, number> = {
      needs,
      pending: counts.pending + counts.claimed,
      handled: counts.handledToday,
      silenced: counts.silencedToday,
    }
    const filtered = Object.keys(traitsOf(query)).length > 0 || Boolean(query.from ?? query.to)
    return frame.sendPage(request, reply, 'inbox/views/inbox', {
      page: 'inbox',
      title: 'Inbox',
      tab,
      query,
      filtered,
      kinds: itemKinds.map((id) => ({ id, label: kindWords[id].label })),
      chips: chipsOf(query),
      tabs: tabs.map((one) => ({
        ...one,
        current: one.id === tab,
        count: shown[one.id] > 0 ? countUp(shown[one.id]) : null,
        ofToday: one.id === 'handled' || one.id === 'silenced',
        href: addressOf(query, { tab: one.id }),
      })),
      groups: groupItems(page.items, effects, openAlerts),
      empty: emptyTexts[tab],
      firstPost: filtered
        ? null
        : firstPost(tab, deps.publicUrl ?? `http://${request.headers.host}`),
      older: page.next ? addressOf({ ...query, tab }, { cursor: page.next }) : null,
      searchedTo: page.searchedTo?.toISOString() ?? null,
      isPast: query.cursor !== undefined || query.before !== undefined,
      start: addressOf(query, {}),
      bare: addressOf({ tab }, {}),
      withLike: (fingerprint: string) => addressOf({ tab }, { like: fingerprint }),
    })
  })

  await app.register(itemPage, deps)
  await app.register(changesRoute, deps)
}
