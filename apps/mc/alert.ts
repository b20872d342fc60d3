import type { Alert } from '@mc/core/alerts/alert.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

export const alertCommands = (): Command =>
  new Command('alert')
    .description('what a person must hear')
    .addCommand(
      new Command('list')
        .description('newest first')
        .option('--state <state>', 'queued, sent, acknowledged, undelivered, …')
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
                  alert.state,
                  alert.occurrences,
                  alert.title,
                ]),
                'No alerts.',
              ),
            )
          }),
        ),
    )
    .addCommand(
      new Command('ack')
        .description('seen: quiet about it for a day')
        .argument('<id>')
        .action(
          atDesk(async (desk, id: string) => {
            const path = `/api/v1/alerts/${encodeURIComponent(id)}/acknowledge`
            const alert = await desk.client.post<Alert>(path)
            desk.show(alert, () => `Alert ${alert.id} is acknowledged: ${alert.title}`)
          }),
        ),
    )
