import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import { type Actor, createTickets, type Filed } from '../tickets/tickets.ts'
import { createAlerts } from './alerts.ts'

/** Titles of tickets are shorter than those of alerts may be. */
const TITLE_CHARS_MAX = 200

/**
 * Makes a ticket of an alert, once: the one that it has, or the open one of the same trouble, or a
 * new one. The alert and the ticket know each other from then on.
 */
export const ticketFromAlert = (
  db: Database,
  clock: Clock,
  alertId: number,
  by: Actor,
): Promise<Filed> =>
  db.transaction(async (tx) => {
    // Nothing is raised here, so no interval matters.
    const alerts = createAlerts(tx, clock, { repeatIntervalMs: 0 })
    // Two presses at once: the second one finds the ticket of the first.
    await lockName(tx, `ticket:${(await alerts.get(alertId)).fingerprint}`)
    const alert = await alerts.get(alertId)
    const tickets = createTickets(tx, clock)
    if (alert.ticketId !== null)
      return { status: 'counted', ticket: await tickets.get(alert.ticketId) }
    const filed = await tickets.fileOnce(
      {
        title: [...alert.title].slice(0, TITLE_CHARS_MAX).join(''),
        body: [alert.text.trim(), `From alert #${alert.id}.`].filter(Boolean).join('\n\n'),
        priority: alert.severity === 'critical' ? 'critical' : 'normal',
        fingerprint: alert.fingerprint,
      },
      by,
    )
    await alerts.linkTicket(alertId, filed.ticket.id, by.actor)
    return filed
  })
