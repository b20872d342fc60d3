import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { inboxTime } from '@mc/core/clock.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { readUntil } from '../schedules/routes.ts'
import { emptyTexts, presentItem, type Tab, tabs } from './present.ts'

const SHOWN = 50

const Query = Type.Object({
  tab: Type.Optional(Type.Enum(tabs.map((tab) => tab.id))),
  before: Type.Optional(Type.String({ maxLength: 40 })),
})

/** Everything that was reported, by what became of it. */
export const inboxPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  const items = (tab: Tab, before: string | undefined): Promise<Item[]> => {
    const limit = SHOWN + 1
    const from = readUntil(before)
    if (tab === 'needs') return nouns.listing.needingYou(limit)
    if (tab === 'pending') return nouns.listing.waiting(limit)
    return nouns.listing.settled({
      status: tab === 'handled' ? 'processed' : 'ignored',
      limit,
      ...(from ? { before: inboxTime(from) } : {}),
    })
  }

  app.get('/inbox', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const tab = request.query.tab ?? 'needs'
    const [found, counts] = await Promise.all([
      items(tab, request.query.before),
      nouns.listing.counts(),
    ])
    const views = found.slice(0, SHOWN).map(presentItem)
    return frame.sendPage(request, reply, 'inbox/views/inbox', {
      page: 'inbox',
      title: 'Inbox',
      tab,
      tabs: tabs.map((one) => ({
        ...one,
        current: one.id === tab,
        count: one.id === 'pending' ? counts.pending + counts.claimed : null,
      })),
      items: views,
      empty: emptyTexts[tab],
      older: found.length > SHOWN ? (views.at(-1)?.processedAt ?? null) : null,
      hidden: found.length > SHOWN,
    })
  })
}
