import type { Report } from '@mc/core/audit/report.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

export const reportCommand = (): Command =>
  new Command('report')
    .description('a week in numbers: what was kept from you, told, made a ticket and called wrong')
    .option('--week <week>', 'such as 2026-W47; default: this week')
    .action(
      atDesk(async (desk, options: { week?: string }) => {
        const report = await desk.client.get<Report & { text: string }>('/api/v1/report', {
          ...options,
        })
        desk.show(
          report,
          () => `Week ${report.week}${report.isOver ? '' : ' (so far)'}\n${report.text}`,
        )
      }),
    )
