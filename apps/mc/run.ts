import { usageText } from '@mc/core/costs/words.ts'
import type { Run as BareRun } from '@mc/core/runs/run.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { wholeNumber } from './input.ts'
import { printLog } from './print-log.ts'
import { shortDuration, shortTime } from './time.ts'

/** Of one that is queued or to be stopped it is told why it has not been. */
type Run = BareRun & { waitsFor?: string | null }

export const runCommands = (): Command =>
  new Command('run')
    .description('each attempt of a task or a delegated ticket')
    .addCommand(list())
    .addCommand(show())
    .addCommand(log())
    .addCommand(cancel())
    .addCommand(retry())

const list = () =>
  new Command('list')
    .description('newest first')
    .option('--task <id>', 'only these')
    .option('--ticket <key>', 'only these')
    .option('--status <status>', 'queued, running, ok, failed, …')
    .option('--from <time>', 'begun at or after, e.g. 2026-03-02 or 2026-03-02T18:00:00Z')
    .option('--to <time>', 'begun before')
    .option('--cursor <cursor>', 'go on where a page before ended')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(
      atDesk(async (desk, filter: Record<string, string | number>) => {
        const page = await desk.client.get<Page<Run>>('/api/v1/runs', filter)
        desk.show(page, () =>
          desk.table(
            ['id', 'at', 'of', 'status', 'took', 'exit', 'cause'],
            page.items.map((run) => [
              run.id,
              shortTime(run.startedAt ?? run.queuedAt),
              run.taskId ?? `MC-${run.ticketId}`,
              run.status,
              shortDuration(run.durationMs),
              run.exitCode,
              run.cause,
            ]),
            'No runs yet.',
          ),
        )
        if (page.next !== null && !desk.json)
          process.stderr.write(`There are more: --cursor ${page.next}\n`)
      }),
    )

const show = () =>
  new Command('show')
    .description('one run with what it said')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const run = await desk.client.get<Run>(`/api/v1/runs/${encodeURIComponent(id)}`)
        desk.show(run, () => describe(run))
      }),
    )

const log = () =>
  new Command('log')
    .description('all that a run has said, as it was kept')
    .argument('<id>')
    .option('-f, --follow', 'go on while it runs')
    .action(
      atDesk(async (desk, id: string, { follow = false }: { follow?: boolean }) => {
        const status = await printLog(desk, id, follow)
        if (status !== null) process.stderr.write(`It ended: ${status}\n`)
      }),
    )

const cancel = () =>
  new Command('cancel')
    .description('stop a run of a task or a worker, or keep it from beginning')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const run = await desk.client.post<Run>(`/api/v1/runs/${encodeURIComponent(id)}/cancel`)
        desk.show(run, () =>
          run.status === 'cancelled'
            ? `Run ${id} was cancelled`
            : [
                `Run ${id} ${run.status === 'queued' ? 'will not begin' : 'is being stopped'}.`,
                run.waitsFor,
              ]
                .filter(Boolean)
                .join(' '),
        )
      }),
    )

const retry = () =>
  new Command('retry')
    .description('have a worker try again what has ended')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const run = await desk.client.post<Run>(`/api/v1/runs/${encodeURIComponent(id)}/retry`)
        desk.show(run, () =>
          [`MC-${run.ticketId} is handed to a worker again (run ${run.id})`, run.waitsFor]
            .filter(Boolean)
            .join('. '),
        )
      }),
    )

const describe = (run: Run): string => {
  const exit = run.exitCode === null ? run.signal : `exit code ${run.exitCode}`
  const used = usageText(run)
  const dropped = run.outputDroppedBytes ? [`(${run.outputDroppedBytes} bytes left out)`] : []
  return [
    `Run ${run.id} of ${run.taskId ?? `MC-${run.ticketId}`}, ${run.trigger}: ${run.status}`,
    [shortTime(run.startedAt ?? run.queuedAt), shortDuration(run.durationMs), exit]
      .filter(Boolean)
      .join(', '),
    ...(run.waitsFor ? [run.waitsFor] : []),
    ...(run.command === null ? [] : [run.command]),
    ...(run.ticketId === null || run.cwd === null ? [] : [`in ${run.cwd}`]),
    ...(run.retryOf === null ? [] : [`tries ${run.retryOf} again`]),
    ...(used === null ? [] : [used]),
    ...(run.cause === null ? [] : [run.cause]),
    ...(run.result === null ? [] : ['', 'What it said last:', '', run.result]),
    ...(run.output && run.result === null ? ['', run.output, ...dropped] : []),
  ].join('\n')
}
