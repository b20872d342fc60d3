import { Command } from 'commander'
import { atDesk, type Desk } from './desk.ts'
import { Exit, NOT_FOUND, USAGE } from './exit-code.ts'
import { importTasks } from './import-tasks.ts'
import { wholeNumber } from './input.ts'
import { readText, tasksFile } from './tasks-path.ts'

/**
 * What can be done with the tasks file itself; no server is needed. The scheduler's own reading
 * of it is loaded only here: most calls of `mc` never need it.
 */
export const tasksFileCommands = (): Command[] => [check(), explain(), importTasks()]

const check = () =>
  new Command('check')
    .description('look for mistakes in the tasks file, without running anything')
    .argument('[file]', 'default: MC_TASKS_FILE, or ops/tasks.yaml')
    .addHelpText('after', '\nExit code 0 when there is no mistake, 2 when there is one.')
    .action(
      atDesk(async (desk, given?: string) => {
        const { path, name } = tasksFile(given)
        const { readTasksFile } = await import('@mc/scheduler/tasks-file.ts')
        const { tasks, problems } = readTasksFile(await readText(path, name), name)
        const count = tasks?.length ?? 0
        desk.show({ file: path, tasks: count, problems }, () =>
          problems.length === 0
            ? `${name}: ${count} ${count === 1 ? 'task' : 'tasks'}, no mistake`
            : [
                ...problems,
                problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`,
              ].join('\n'),
        )
        if (problems.length > 0) throw new Exit(USAGE)
      }),
    )

const explain = () =>
  new Command('explain')
    .description('when a task fires next, in its own time and in UTC, and what the clocks do to it')
    .argument('<what...>', 'a task’s id, or a cron expression')
    .option('--zone <zone>', 'an IANA time zone; default: the task’s, else this machine’s')
    .option('--count <n>', 'how many fires', wholeNumber, 5)
    .addHelpText(
      'after',
      '\nA day of the month and a weekday together mean either (OR), also with "*/n", where Vixie cron\nasks for both; "+" before the weekday asks for both. Quote the expression: mc task explain "*/5 * * * *"',
    )
    .action(
      atDesk(async (desk, words: string[], { zone, count }: { zone?: string; count: number }) => {
        const calendar = await import('@mc/core/tasks/calendar.ts')
        const { explain } = await import('@mc/core/tasks/explain.ts')
        if (zone !== undefined && !calendar.isTimezone(zone))
          throw new Exit(USAGE, `Expected an IANA time zone such as Europe/Berlin, got "${zone}".`)
        const task = await calendarOf(words.join(' '))
        if ('runsAlways' in task) {
          desk.show(task, () => `${task.id} has no calendar: it is kept running all the time.`)
          return
        }
        const problem = calendar.cronProblem(task.cron)
        if (problem)
          throw new Exit(
            USAGE,
            `Expected a cron expression or a task’s id, got "${task.cron}": ${problem}`,
          )
        const explained = explain({ ...task, timezone: zone ?? task.timezone }, new Date(), count)
        desk.show(explained, () => describe(desk, explained))
      }),
    )

type Explained = import('@mc/core/tasks/explain.ts').Explained

const describe = (desk: Desk, explained: Explained): string => {
  const { cron, timezone, words, next, clockChanges, days } = explained
  return [
    `"${cron}" in ${timezone}${words === cron ? '' : `: ${words}`}`,
    '',
    desk.table(
      [`in ${timezone}`, 'UTC'],
      next.map((fire) => [fire.local, fire.utc.slice(0, 19).replace('T', ' ')]),
      'It never fires.',
    ),
    ...(days ? ['', days] : []),
    ...(clockChanges.length > 0
      ? ['', 'When the clocks change:', ...clockChanges.map((change) => `  ${change}`)]
      : ['', `The clocks of ${timezone} do not change.`]),
  ].join('\n')
}

/** What was named: a task of the file, else the words as a cron expression. */
const calendarOf = async (
  what: string,
): Promise<{ cron: string; timezone: string } | { id: string; runsAlways: true }> => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (/[\s@*]/.test(what)) return { cron: what, timezone: here }
  const { path, name } = tasksFile()
  const { readTasksFile } = await import('@mc/scheduler/tasks-file.ts')
  const { tasks, problems } = readTasksFile(await readText(path, name), name)
  if (!tasks)
    throw new Exit(
      USAGE,
      `${name} has mistakes, so that no task of it is known:\n${problems.join('\n')}`,
    )
  const task = tasks.find((one) => one.id === what)
  const { nearest } = await import('@mc/core/edited-file/nearest.ts')
  const ids = (tasks ?? []).map((one) => one.id)
  const meant = nearest(what, ids)
  if (!task)
    throw new Exit(
      NOT_FOUND,
      `There is no task "${what}" in ${name}.\n${meant ? `Did you mean ${meant}?` : `There are: ${ids.join(', ')}`}`,
    )
  return task.cron === '' ? { id: task.id, runsAlways: true } : task
}
