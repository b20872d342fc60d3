import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Item } from '@mc/core/inbox/item.ts'
import { Type } from 'typebox'
import { COUNT_SHOWN_MAX, countUp } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { toPage } from '../paging.ts'
import { emptyTexts, presentItem, type Tab, tabs } from './present.ts'

const SHOWN = 50

const Query = Type.Object({
  tab: Type.Optional(Type.Enum(tabs.map((tab) => tab.id))),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** Everything that was reported, by what became of it. */
export const inboxPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  const items = (tab: Tab, before: number | undefined): Promise<Item[]> => {
    const limit = SHOWN + 1
    if (tab === 'needs') return nouns.listing.needingYou(limit)
    if (tab === 'pending') return nouns.listing.waiting(limit)
    return nouns.listing.settled({
      status: tab === 'handled' ? 'processed' : 'ignored',
      limit,
      ...(before ? { before } : {}),
    })
  }

  app.get('/inbox', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const tab = request.query.tab ?? 'needs'
    const [found, counts] = await Promise.all([
      items(tab, request.query.before),
      nouns.listing.counts(COUNT_SHOWN_MAX),
    ])
    const waiting = counts.pending + counts.claimed
    const page = toPage(found, SHOWN, (item) => item.id)
    return frame.sendPage(request, reply, 'inbox/views/inbox', {
      page: 'inbox',
      title: 'Inbox',
      tab,
      tabs: tabs.map((one) => ({
        ...one,
        current: one.id === tab,
        count: one.id === 'pending' && waiting > 0 ? countUp(waiting) : null,
      })),
      items: page.items.map(presentItem),
      empty: emptyTexts[tab],
      older: tab === 'handled' || tab === 'silenced' ? page.next : null,
      hidden: page.next !== null,
    })
  })
}
