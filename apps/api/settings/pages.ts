import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attachable, telegramWords } from '@mc/core/client/status-words.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { describeKeep } from '@mc/core/retention/settings.ts'
import { Type } from 'typebox'
import { readClasses } from '../autonomy/routes.ts'
import { autonomySection } from '../autonomy/section.ts'
import { presentCap } from '../costs/present.ts'
import type { PageFrame } from '../frame/frame.ts'
import { presentPill } from '../frame/pill.ts'
import type { Nouns } from '../nouns.ts'
import { callerOf } from '../safety/caller.ts'
import { viewSession } from '../safety/session-routes.ts'
import { presentWebhook } from '../webhooks/present.ts'
import { presentSwitch, themeChoices } from './present.ts'
import { viewSwitches } from './switches.ts'

/** A shadow run is asked for by the page's own form. */
const Shadow = Type.Object({
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  trust: Type.Optional(
    Type.Union([Type.String({ maxLength: 200 }), Type.Array(Type.String({ maxLength: 50 }))]),
  ),
})

/** Luci's session, the switches, and what the environment says. */
export const settingsPage: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  luci: Luci
  clock: Clock
  config: Config
  frame: PageFrame
}> = async (app, { nouns, luci, clock, config, frame }) => {
  app.get('/settings', { schema: { querystring: Shadow, hide: true } }, async (request, reply) => {
    const { trust: names, days } = request.query
    const status = luci.status()
    const switches = await viewSwitches(nouns.settings, config.switches)
    return frame.sendPage(request, reply, 'settings/views/settings', {
      page: 'settings',
      title: 'Settings',
      luci: status,
      attachable: attachable(status),
      luciPill: presentPill(status, clock.now()),
      running: status.state !== 'stopped' && status.state !== 'unavailable',
      found: status.found.map((one) => one.profile),
      profiles: [
        'house',
        ...status.found.map((one) => one.profile),
        ...(config.luci.command ? ['generic'] : []),
      ].filter((profile) => profile !== status.profile),
      switches: switches.map(presentSwitch),
      autonomy: await autonomySection(nouns, {
        tried: readClasses([names ?? []].flat().join(',')),
        days,
      }),
      themes: themeChoices,
      capSet: presentCap(await nouns.costs.cap()),
      webhooks: (await nouns.webhooks.list()).map(presentWebhook),
      sessions: (await nouns.sessions.list()).map((one) => viewSession(one, callerOf(request))),
      hasPassword: config.http.passwordHash !== null,
      kept: describeKeep(config.keep),
      facts: [
        {
          label: 'Database',
          value: config.database.startsWith('postgres') ? 'Postgres' : 'SQLite',
        },
        { label: 'Telegram', value: telegramWords(await nouns.overview.telegram()) },
        {
          label: 'Worker for “Luci do it now”',
          value: config.workers.command
            ? config.workers.command.join(' ')
            : 'none: set MC_WORKER_COMMAND',
        },
        { label: 'Tasks file', value: config.tasksFile },
      ],
    })
  })
}
