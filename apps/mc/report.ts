import type { Report } from '@mc/core/audit/report.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

export const reportCommand = (): Command =>
  new Command('report')
    .description('what was kept from you in a week, told, ticketed and called wrong')
    .option('--week <week>', 'such as 2026-W47; this one without')
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
