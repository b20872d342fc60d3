import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { presentAlerts } from './present.ts'

/** What a person was told, or should have been. */
export const alertsPage: FastifyPluginAsyncTypebox<{ nouns: Nouns; frame: PageFrame }> = async (
  app,
  { nouns, frame },
) => {
  app.get('/alerts', { schema: { hide: true } }, async (request, reply) =>
    frame.sendPage(request, reply, 'alerts/views/alerts', {
      page: 'alerts',
      title: 'Alerts',
      ...presentAlerts(await nouns.alerts.list()),
      ticketKey,
    }),
  )
}
