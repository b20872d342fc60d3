import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { toPage } from '../paging.ts'
import { openStates, overStates, presentAlert, presentOpen } from './present.ts'

const OPEN_SHOWN = 200
const OVER_SHOWN = 50

const Before = Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })) })

/** What a person was told, or should have been; what is over page by page. */
export const alertsPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  app.get('/alerts', { schema: { querystring: Before, hide: true } }, async (request, reply) => {
    const { before } = request.query
    const [open, over, telegram] = await Promise.all([
      before ? [] : nouns.alerts.list({ states: openStates, limit: OPEN_SHOWN + 1 }),
      nouns.alerts.list({
        states: overStates,
        ...(before ? { before } : {}),
        limit: OVER_SHOWN + 1,
      }),
      nouns.overview.telegram(),
    ])
    const page = toPage(over, OVER_SHOWN, (alert) => alert.id)
    return frame.sendPage(request, reply, 'alerts/views/alerts', {
      page: 'alerts',
      title: 'Alerts',
      open: presentOpen(open.slice(0, OPEN_SHOWN)),
      hidden: open.length > OPEN_SHOWN,
      over: page.items.map(presentAlert),
      older: page.next,
      isPast: before !== undefined,
      ticketKey,
      refused: telegram.problem,
    })
  })
}
