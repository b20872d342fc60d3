import type { Status } from '@mc/core/client/status.ts'
import { mistakesWords } from '@mc/core/client/status-words.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { TaskView } from '@mc/core/tasks/task.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { tasksFileCommands } from './tasks-file.ts'
import { shortDuration, shortTime } from './time.ts'

const pathOf = (id: string) => `/api/v1/tasks/${encodeURIComponent(id)}`

export const taskCommands = (): Command => {
  const command = new Command('task').description('scheduled jobs')
  for (const verb of [list(), show(), run(), pause(), resume(), ...tasksFileCommands()])
    command.addCommand(verb)
  return command
}

const list = () =>
  new Command('list').description('all of them, and how they stand').action(
    atDesk(async (desk) => {
      const page = await desk.client.get<Page<TaskView>>('/api/v1/tasks')
      desk.show(page, () =>
        desk.table(
          ['id', 'state', 'last', 'next', 'cron', 'title'],
          page.items.map((task) => [
            task.id,
            stateOf(task),
            task.lastRun ? `${task.lastRun.status} ${shortTime(task.lastRun.endedAt)}` : null,
            shortTime(task.nextRunAt),
            task.cron,
            task.title,
          ]),
          'No tasks: see ops/tasks.yaml.',
        ),
      )
      const { tasks } = await desk.client.get<Status>('/api/v1/status')
      const mistakes = mistakesWords(tasks)
      if (mistakes) process.stderr.write(`Note: ${plainText(mistakes)}\n`)
    }),
  )

const show = () =>
  new Command('show')
    .description('one task')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const task = await desk.client.get<TaskView>(pathOf(id))
        desk.show(task, () => describe(task))
      }),
    )

const run = () =>
  new Command('run')
    .description('now, once')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const task = await desk.client.post<TaskView>(`${pathOf(id)}/run`)
        desk.show(
          task,
          () => `${task.id} will run now; see: npx -y pnpm@12 mc run list --task ${task.id}`,
        )
      }),
    )

const pause = () =>
  new Command('pause')
    .description('no runs until it is resumed')
    .argument('<id>')
    .requiredOption('--reason <reason>', 'why, for who finds it paused')
    .option('--until <time>', 'resume by itself then, e.g. 2026-03-02T18:00:00Z')
    .action(
      atDesk(async (desk, id: string, options: { reason: string; until?: string }) => {
        const task = await desk.client.post<TaskView>(`${pathOf(id)}/pause`, options)
        desk.show(task, () => `${task.id} is paused`)
      }),
    )

const resume = () =>
  new Command('resume')
    .description('runs again as its calendar says')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const task = await desk.client.post<TaskView>(`${pathOf(id)}/resume`)
        desk.show(task, () => `${task.id} runs again; next at ${shortTime(task.nextRunAt)}`)
      }),
    )

const stateOf = (task: TaskView): string => {
  if (!task.present) return 'gone'
  if (!task.enabled) return 'disabled'
  if (task.paused) return 'paused'
  return task.consecutiveFailures > 0 ? `failing (${task.consecutiveFailures})` : 'ok'
}

const describe = (task: TaskView): string => {
  const { lastRun, paused } = task
  const rows: [string, string | null][] = [
    ['Title', task.title],
    ['About', task.description],
    ['State', stateOf(task)],
    ['Paused', paused ? `${paused.reason} (${paused.by}, until ${shortTime(paused.until)})` : null],
    ['Cron', `${task.cron} (${task.timezone})`],
    [
      'Runs',
      task.kind === 'http' ? `${task.http?.method} ${task.http?.url}` : task.command.join(' '),
    ],
    ['Next', shortTime(task.nextRunAt)],
    [
      'Last',
      lastRun
        ? [
            `${lastRun.status}, ${shortTime(lastRun.endedAt)}, ${shortDuration(lastRun.durationMs)}`,
            `run ${lastRun.id}`,
            lastRun.cause,
          ]
            .filter(Boolean)
            .join('; ')
        : null,
    ],
  ]
  return [
    `Task ${task.id}`,
    ...rows.filter(([, text]) => text).map(([name, text]) => `  ${name.padEnd(7)} ${text}`),
  ].join('\n')
}
