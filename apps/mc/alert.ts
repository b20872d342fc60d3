import type { Alert } from '@mc/core/alerts/alert.ts'
import type { ChannelHealth, Tried } from '@mc/core/alerts/channel-health.ts'
import type { Delivery } from '@mc/core/alerts/deliveries.ts'
import type { AlertEvent } from '@mc/core/alerts/events.ts'
import type { Filed } from '@mc/core/tickets/tickets.ts'
import { Command } from 'commander'
import { muteCommands } from './alert-mute.ts'
import { atDesk, type Page } from './desk.ts'
import { Exit, REFUSED } from './exit-code.ts'
import { wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

const pathOf = (id: string, verb = '') =>
  `/api/v1/alerts/${encodeURIComponent(id)}${verb && `/${verb}`}`

export const alertCommands = (): Command => {
  const command = new Command('alert').description('what a person must hear')
  for (const verb of [list(), show(), acknowledge(), snooze(), resolve(), ticket()])
    command.addCommand(verb)
  for (const verb of [...muteCommands(), channels(), test()]) command.addCommand(verb)
  return command
}

const list = () =>
  new Command('list')
    .description('the alerts, newest first')
    .option('--state <state>', 'queued, sent, acknowledged, undelivered, …')
    .option('--tab <tab>', 'open, quiet (acknowledged, snoozed, muted) or all')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(
      atDesk(async (desk, filter: Record<string, string | number>) => {
        const page = await desk.client.get<Page<Alert>>('/api/v1/alerts', filter)
        desk.show(page, () =>
          desk.table(
            ['id', 'at', 'severity', 'state', 'times', 'title'],
            page.items.map((alert) => [
              alert.id,
              shortTime(alert.createdAt),
              alert.severity,
              alert.held ? `${alert.state} (${alert.held})` : alert.state,
              alert.occurrences,
              alert.title,
            ]),
            'No alerts.',
          ),
        )
      }),
    )

type Told = Alert & { events: AlertEvent[]; deliveries: Delivery[] }

const show = () =>
  new Command('show')
    .description('one alert, with its story')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const alert = await desk.client.get<Told>(pathOf(id))
        desk.show(alert, () => describe(alert))
      }),
    )

const describe = (alert: Told): string => {
  const lines = [
    ...alert.events.map(({ at, kind, actor, detail }) => ({
      at,
      text: [kind, actor && `by ${actor}`, detail].filter(Boolean).join(' '),
    })),
    ...alert.deliveries.map(({ at, channel, state, tries, ref, error, repeated }) => ({
      at,
      text: [
        `${channel}: ${state}`,
        tries > 1 ? `${tries} tries` : null,
        repeated ? 'marked as a repeat' : null,
        ref && `message ${ref}`,
        error,
      ]
        .filter(Boolean)
        .join(', '),
    })),
  ].sort((a, b) => (a.at < b.at ? -1 : 1))
  return [
    `Alert ${alert.id}: ${alert.title}`,
    `  ${alert.severity}, ${alert.kind}, ${alert.state}, ${alert.occurrences} time(s), last ${shortTime(alert.lastAt)}`,
    `  fingerprint ${alert.fingerprint}`,
    ...(alert.text ? ['', alert.text] : []),
    '',
    ...lines.map(({ at, text }) => `  ${shortTime(at)}  ${text}`),
  ].join('\n')
}

const acknowledge = () =>
  new Command('ack')
    .description('seen: quiet about it for a day')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const alert = await desk.client.post<Alert>(pathOf(id, 'acknowledge'))
        desk.show(alert, () => `Alert ${alert.id} is acknowledged: ${alert.title}`)
      }),
    )

const snooze = () =>
  new Command('snooze')
    .description('quiet about it until a time; then it is told again')
    .argument('<id>')
    .requiredOption('--until <time>', '4h, 1d, or 2026-03-02T18:00:00Z')
    .action(
      atDesk(async (desk, id: string, options: { until: string }) => {
        const alert = await desk.client.post<Alert>(pathOf(id, 'snooze'), options)
        desk.show(alert, () => `Alert ${alert.id} sleeps until ${shortTime(alert.snoozedUntil)}`)
      }),
    )

const resolve = () =>
  new Command('resolve')
    .description('say that it is over')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const alert = await desk.client.post<Alert>(pathOf(id, 'resolve'))
        desk.show(alert, () => `Alert ${alert.id} is resolved: ${alert.title}`)
      }),
    )

const ticket = () =>
  new Command('ticket')
    .description('make a ticket of it, or find the one it has')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const filed = await desk.client.post<Filed>(pathOf(id, 'ticket'))
        desk.show(filed, () => `${filed.ticket.key} (${filed.status}): ${filed.ticket.title}`)
      }),
    )

const channels = () =>
  new Command('channels').description('the ways to you, and how they are').action(
    atDesk(async (desk) => {
      const page = await desk.client.get<Page<ChannelHealth>>('/api/v1/alerts/channels')
      desk.show(page, () =>
        desk.table(
          ['channel', 'role', 'state', 'last sent', 'this hour', 'urgent'],
          page.items.map((one) => [
            one.name,
            one.role,
            one.problem ?? (one.failures > 0 ? `not reached: ${one.lastError}` : 'works'),
            shortTime(one.lastSentAt),
            `${one.told.count}/${one.told.most}`,
            `${one.urgent.count}/${one.urgent.most}`,
          ]),
          'None: set MC_TELEGRAM_TOKEN, MC_ALERT_WEBHOOK_URL or MC_SMTP_URL.',
        ),
      )
    }),
  )

const test = () =>
  new Command('test')
    .description('send a test message; exit code 1 when it is not taken')
    .argument('[channel]', 'telegram, webhook or email; default: the first that is configured')
    .action(
      atDesk(async (desk, channel: string | undefined) => {
        const tried = await desk.client.post<Tried>(
          '/api/v1/alerts/test',
          channel ? { channel } : {},
        )
        desk.show(tried, () =>
          tried.status === 'sent'
            ? `${tried.channel} took the test message (${tried.ref})`
            : `${tried.channel} did not take it: ${tried.reason}`,
        )
        if (tried.status !== 'sent') throw new Exit(REFUSED)
      }),
    )
