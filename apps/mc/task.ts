import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '@mc/core/client/status.ts'
import { mistakesWords, pausedWords } from '@mc/core/client/status-words.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Pause, TaskView } from '@mc/core/tasks/task.ts'
import { Command } from 'commander'
import { atDesk, type Desk, type Page } from './desk.ts'
import { Exit, REFUSED, USAGE } from './exit-code.ts'
import { printLog } from './print-log.ts'
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
  new Command('list')
    .description('all of them, and how they stand')
    .option('--state <state>', 'failing, running, paused or disabled')
    .option('--tag <tag>', 'only those that bear it')
    .option('--find <text>', 'part of the id or title')
    .action(
      atDesk(async (desk, { find, ...filter }: { state?: string; tag?: string; find?: string }) => {
        const page = await allTasks(desk, { ...filter, ...(find ? { q: find } : {}) })
        desk.show(page, () =>
          desk.table(
            ['id', 'state', 'last', 'next', 'cron', 'title'],
            page.items.map((task) => [
              task.id,
              stateOf(task),
              task.lastRun ? `${task.lastRun.status} ${shortTime(task.lastRun.endedAt)}` : null,
              shortTime(task.nextRunAt),
              task.cron || 'kept running',
              task.title,
            ]),
            find || filter.state || filter.tag
              ? 'No task like that.'
              : 'No tasks: see ops/tasks.yaml.',
          ),
        )
        const { tasks } = await desk.client.get<Status>('/api/v1/status')
        for (const words of [mistakesWords(tasks), pausedWords(tasks.allPaused)])
          if (words) process.stderr.write(`Note: ${plainText(words)}\n`)
      }),
    )

/** Page by page: there may be thousands. */
const allTasks = async (desk: Desk, filter: Record<string, string>): Promise<Page<TaskView>> => {
  const items: TaskView[] = []
  let next: string | null = null
  do {
    const page: Page<TaskView> = await desk.client.get('/api/v1/tasks', {
      ...filter,
      limit: 1_000,
      ...(next === null ? {} : { cursor: next }),
    })
    items.push(...page.items)
    next = page.next
  } while (next !== null)
  return { items, next }
}

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
    .option('-f, --follow', 'print what it says, to its end; exit code 1 unless it goes well')
    .action(
      atDesk(async (desk, id: string, { follow }: { follow?: boolean }) => {
        if (follow) return runAndFollow(desk, id)
        const task = await desk.client.post<TaskView>(`${pathOf(id)}/run`)
        desk.show(
          task,
          () => `${task.id} will run now; see: npx -y pnpm@12 mc run list --task ${task.id}`,
        )
      }),
    )

const LOOK_MS = 250

const runAndFollow = async (desk: Desk, id: string): Promise<void> => {
  const newest = async () =>
    (await desk.client.get<Page<Run>>('/api/v1/runs', { task: id, limit: 20 })).items
  const before = (await newest())[0]?.seq ?? 0
  await desk.client.post(`${pathOf(id)}/run`)
  let mine: Run | undefined
  while (!mine) {
    mine = (await newest()).find((one) => one.seq > before && one.trigger === 'manual')
    if (!mine) await delay(LOOK_MS)
  }
  const status = await printLog(desk, mine.id, true)
  process.stderr.write(`Run ${mine.id} ended: ${status ?? 'not followed to its end'}\n`)
  if (status !== 'ok') throw new Exit(REFUSED)
}

const pause = () =>
  new Command('pause')
    .description('no runs until it is resumed')
    .argument('[id]')
    .option('--all', 'all tasks together, instead of one')
    .requiredOption('--reason <reason>', 'why, for who finds it paused')
    .option('--until <time>', 'resume by itself then: 2h, or 2026-03-02T18:00:00Z')
    .action(
      atDesk(async (desk, id: string | undefined, { all, ...options }: PauseOptions) => {
        const path = oneOrAll(id, all)
        const paused = await desk.client.post<TaskView | Pause>(`${path}/pause`, options)
        const until = 'present' in paused ? paused.paused?.until : paused.until
        const end = until ? ` until ${shortTime(until)}` : ''
        desk.show(paused, () => (id ? `${id} is paused${end}` : `All tasks are paused${end}`))
      }),
    )

type PauseOptions = { all?: boolean; reason: string; until?: string }

const oneOrAll = (id: string | undefined, all = false): string => {
  if ((id !== undefined) === all) throw new Exit(USAGE, 'Expected the id of one task, or --all.')
  return id === undefined ? '/api/v1/tasks' : pathOf(id)
}

const resume = () =>
  new Command('resume')
    .description('runs again as its calendar says')
    .argument('[id]')
    .option('--all', 'ends the pause of all tasks; those paused by themselves stay so')
    .action(
      atDesk(async (desk, id: string | undefined, { all }: { all?: boolean }) => {
        const path = oneOrAll(id, all)
        const done = await desk.client.post<TaskView | { resumed: boolean }>(`${path}/resume`)
        desk.show(done, () => {
          if ('present' in done)
            return `${done.id} runs again; next at ${shortTime(done.nextRunAt)}`
          return done.resumed ? 'The tasks run again' : 'They were not paused together'
        })
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
    ['Cron', task.cron === '' ? 'none: it is kept running' : `${task.cron} (${task.timezone})`],
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
