import { execFile } from 'node:child_process'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { loadEnvironment, projectRoot } from '@mc/core/environment.ts'
import type { Imported } from '@mc/scheduler/crontab/import-crontab.ts'
import { Command, InvalidArgumentError } from 'commander'
import { atDesk, type Desk, write } from './desk.ts'
import { Exit, NOT_FOUND, REFUSED, USAGE } from './exit-code.ts'
import { wholeNumber } from './input.ts'

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
  const { nearest } = await import('@mc/scheduler/nearest.ts')
  const ids = (tasks ?? []).map((one) => one.id)
  const meant = nearest(what, ids)
  if (!task)
    throw new Exit(
      NOT_FOUND,
      `There is no task "${what}" in ${name}.\n${meant ? `Did you mean ${meant}?` : `There are: ${ids.join(', ')}`}`,
    )
  return task.cron === '' ? { id: task.id, runsAlways: true } : task
}

type ImportOptions = { write?: boolean; tasksFile?: string }

const importTasks = () =>
  new Command('import')
    .description('take jobs of another scheduler over: mc task import crontab [file]')
    .argument('<kind>', 'crontab', (kind) => {
      if (kind === 'crontab') return kind
      throw new InvalidArgumentError('Expected "crontab".')
    })
    .argument('[file]', 'default: what crontab -l prints; - means stdin')
    .option('--write', 'append them to the tasks file, which keeps all that stands in it')
    .option('--tasks-file <file>', 'default: MC_TASKS_FILE, or ops/tasks.yaml')
    .addHelpText(
      'after',
      '\nWithout --write the tasks are printed. What is not the same here, or could not be taken over,\nis told on stderr; exit code 1 when something could not.',
    )
    .action(
      atDesk(async (desk, _kind: string, file: string | undefined, options: ImportOptions) => {
        const { importCrontab } = await import('@mc/scheduler/crontab/import-crontab.ts')
        const { appendTasks, tasksText } = await import('@mc/scheduler/crontab/append-tasks.ts')
        const { readTasksFile } = await import('@mc/scheduler/tasks-file.ts')
        const crontab = await readCrontabText(file)
        const target = tasksFile(options.tasksFile)
        const before = options.write ? await readText(target.path, target.name) : ''
        const there = readTasksFile(before, target.name)
        if (!there.tasks)
          throw new Exit(
            USAGE,
            `${target.name} has mistakes; mend them first:\n${there.problems.join('\n')}`,
          )
        const imported = importCrontab(
          crontab,
          there.tasks.map((task) => task.id),
        )
        const entries = imported.entries.map(({ entry }) => entry)
        if (desk.json) desk.show(imported, () => '')
        else if (!options.write)
          write(tasksText(entries, Intl.DateTimeFormat().resolvedOptions().timeZone))
        if (options.write && entries.length > 0) {
          const after = appendTasks(before, entries)
          if (after === null)
            throw new Exit(
              REFUSED,
              `The tasks of ${target.name} are written in one line: write them as a list first, or append what is printed without --write.`,
            )
          const { problems } = readTasksFile(after, target.name)
          if (problems.length > 0)
            throw new Exit(
              REFUSED,
              `Nothing was written: with them ${target.name} would have mistakes.\n${problems.join('\n')}`,
            )
          await replaceFile(target.path, after)
          if (!desk.json)
            write(`Appended to ${target.name}: ${entries.map((entry) => entry.id).join(', ')}`)
        }
        if (!desk.json) process.stderr.write(report(imported))
        if (imported.left.length > 0) throw new Exit(REFUSED)
      }),
    )

const report = ({ entries, notes, left }: Imported): string => {
  const where = (line: number | null) => (line === null ? '' : `line ${line}: `)
  const together = Object.entries(Object.groupBy(notes, ({ text }) => text)).map(([text, same]) => {
    const lines = (same ?? []).flatMap(({ line }) => (line === null ? [] : [line]))
    return lines.length > 1
      ? `lines ${lines.join(', ')}: ${text}`
      : `${where(lines[0] ?? null)}${text}`
  })
  const lines = [
    `${entries.length} ${entries.length === 1 ? 'job' : 'jobs'} taken over${left.length > 0 ? `, ${left.length} not:` : '.'}`,
    ...left.map(({ line, text }) => `  ${where(line)}${text}`),
    ...(notes.length > 0 ? ['What is not the same here:'] : []),
    ...together.map((text) => `  ${text}`),
  ]
  return `${lines.join('\n')}\n`
}

const readCrontabText = async (file: string | undefined): Promise<string> => {
  if (file === '-') return readAll(process.stdin)
  if (file !== undefined) return readText(resolve(file), file)
  try {
    return (await promisify(execFile)('crontab', ['-l'])).stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    throw new Exit(
      REFUSED,
      code === 'ENOENT'
        ? 'There is no crontab command here: name a file, or give the crontab on stdin with "-".'
        : `crontab -l said: ${(stderr ?? '').trim() || (error as Error).message}`,
    )
  }
}

/** As a person names it: from where they stand, while the setting's starts at the project. */
const tasksFile = (given?: string): { path: string; name: string } => {
  if (given !== undefined) return { path: resolve(given), name: given }
  const path = resolve(projectRoot, loadEnvironment().MC_TASKS_FILE?.trim() || 'ops/tasks.yaml')
  const name = relative(projectRoot, path)
  return { path, name: name.startsWith('..') ? path : name }
}

const readText = async (path: string, name: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Exit(
      USAGE,
      code === 'ENOENT' ? `There is no file ${name}.` : `${name} cannot be read (${code}).`,
    )
  }
}

/** In one step, so that the scheduler never sees half a file. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const { mode } = await stat(path)
  const fresh = `${path}.${process.pid}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}
