import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createChannelDesk } from '@mc/core/alerts/channel-health.ts'
import { createDeliveries } from '@mc/core/alerts/deliveries.ts'
import { eventsOf } from '@mc/core/alerts/events.ts'
import { createMutes } from '@mc/core/alerts/mutes.ts'
import { quietUntil } from '@mc/core/alerts/quiet-hours.ts'
import { readQuietSetting } from '@mc/core/alerts/quiet-setting.ts'
import { ticketFromAlert } from '@mc/core/alerts/ticket.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import type { Actor } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'

export type AlertDeps = { db: Database; clock: Clock; config: Config }

/** All that the routes and pages of alerts work with. */
export const createAlertDesk = ({ db, clock, config }: AlertDeps) => {
  const settings = createSettings(db, clock)
  return {
    alerts: createAlerts(db, clock, config.triage),
    mutes: createMutes(db, clock),
    channels: createChannelDesk(db, clock, config),
    settings,

    /** Mutes in force, each with the latest alert that it is about; null where there is none. */
    async mutesNamed() {
      const mutes = await createMutes(db, clock).inForce()
      const prints = mutes.flatMap(({ fingerprint }) => fingerprint ?? [])
      if (prints.length === 0) return mutes.map((mute) => ({ ...mute, alert: null }))
      const rows = await db.kysely
        .selectFrom('alerts')
        .select(['id', 'title', 'fingerprint'])
        .where('fingerprint', 'in', prints)
        .orderBy('id', 'desc')
        .limit(500)
        .execute()
      return mutes.map((mute) => ({
        ...mute,
        alert: rows.find((row) => row.fingerprint === mute.fingerprint) ?? null,
      }))
    },

    /** Quiet hours as they stand; `until` is set while it is quiet. */
    async quiet() {
      const { hours, from } = await readQuietSetting(settings, config.alerting.quiet)
      const until = hours && quietUntil(hours, clock.now())
      return { hours, from, until: until && isoTime(until) }
    },

    /** What happened to an alert, and each message it was in. */
    async story(alertId: number) {
      const [events, deliveries] = await Promise.all([
        eventsOf(db, alertId),
        createDeliveries(db, clock).of(alertId),
      ])
      return { events, deliveries }
    },

    ticketFrom: (alertId: number, by: Actor) => ticketFromAlert(db, clock, alertId, by),
  }
}

export type AlertDesk = ReturnType<typeof createAlertDesk>
