import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { alertTabs } from '@mc/core/alerts/alert.ts'
import { muteOf } from '@mc/core/alerts/mutes.ts'
import type { Clock } from '@mc/core/clock.ts'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import { Type } from 'typebox'
import { zone } from '../frame/format.ts'
import type { PageFrame } from '../frame/frame.ts'
import { toPage } from '../paging.ts'
import { IdParam } from '../schemas.ts'
import type { AlertDesk } from './nouns.ts'
import {
  emptyTexts,
  inOrder,
  presentAlert,
  presentChannel,
  presentDays,
  presentMute,
  quietWords,
  tabLabels,
} from './present.ts'
import { presentStory } from './story.ts'

const SHOWN = 50

const Query = Type.Object({
  tab: Type.Optional(Type.Enum(alertTabs)),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** What a person was told, or should have been; each with its story; and what they are not told. */
export const alertsPage: FastifyPluginAsyncTypebox<{
  desk: AlertDesk
  frame: PageFrame
  clock: Clock
}> = async (app, { desk, frame, clock }) => {
  app.get('/alerts', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const { tab = 'open', before } = request.query
    const [found, channels, mutes, quiet] = await Promise.all([
      desk.alerts.list({ tab, ...(before ? { before } : {}), limit: SHOWN + 1 }),
      desk.channels.health(),
      desk.mutesNamed(),
      desk.quiet(),
    ])
    const page = toPage(found, SHOWN, (alert) => alert.id)
    const views = page.items.map((alert) => presentAlert(alert, channels, clock.now()))
    const alerts = tab === 'open' ? inOrder(views) : views
    return frame.sendPage(request, reply, 'alerts/views/alerts', {
      page: 'alerts',
      title: 'Alerts',
      tab,
      tabs: alertTabs.map((id) => ({ id, label: tabLabels[id], current: id === tab })),
      here: `/alerts${tab === 'open' ? '' : `?tab=${tab}`}`,
      alerts,
      chosen: alerts.filter((alert) => !alert.isOver).length > 1,
      openIds: alerts
        .filter((alert) => alert.open)
        .map((alert) => alert.id)
        .join(),
      older: page.next,
      isPast: before !== undefined,
      empty: emptyTexts[tab],
      ticketKey,
      channels: channels.map(presentChannel),
      broken: channels.filter((channel) => channel.problem !== null),
      standIn: channels.find((channel) => channel.problem === null)?.label ?? null,
      mutes: mutes.map(presentMute),
      quiet: {
        ...quiet,
        words: quiet.hours && quietWords(quiet.hours),
        days: presentDays(quiet.hours),
        zone: quiet.hours?.zone ?? zone(),
        zones: Intl.supportedValuesOf('timeZone'),
      },
    })
  })

  app.get('/alerts/:id', { schema: { params: IdParam, hide: true } }, async (request, reply) => {
    const alert = await desk.alerts.get(request.params.id)
    const [{ events, deliveries }, channels, mutes] = await Promise.all([
      desk.story(alert.id),
      desk.channels.health(),
      desk.mutes.inForce(),
    ])
    const mute = muteOf(alert, mutes)
    return frame.sendPage(request, reply, 'alerts/views/one', {
      page: 'alerts',
      title: alert.title,
      alert: presentAlert(alert, channels, clock.now()),
      here: `/alerts/${alert.id}`,
      story: presentStory(events, deliveries),
      mute: mute && presentMute(mute),
      ticketKey,
    })
  })
}
