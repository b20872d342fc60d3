import { type Complain, descriptionOf, expected, type Path } from '@mc/core/edited-file/mistakes.ts'
import { cronProblem, isTimezone } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { referenceProblem } from './references.ts'
import { TaskEntry } from './task-entry.ts'

/** setTimeout takes no more. */
const TIMEOUT_MAX_MS = 2_147_483_647

/** What belongs together. */
export const checkWhole = (entry: TaskEntry, task: Task, path: Path, complain: Complain): void => {
  if (entry.command !== undefined && entry.http !== undefined)
    complain([...path, 'http'], 'expected either "command" or "http", got both')
  else if (task.kind !== 'http' && entry.command === undefined)
    complain(path, 'expected "command", a list such as [df, -h], got none')
  else if (task.kind === 'http' && entry.http === undefined)
    complain(path, 'expected "http" with a "url", got none')
}

/** What a shape cannot say. */
export const checkMeaning = (
  entry: TaskEntry,
  task: Task,
  path: Path,
  complain: Complain,
): void => {
  const at = (...more: Path) => [...path, ...more]
  const badCron = entry.cron === undefined ? null : cronProblem(entry.cron)
  if (badCron)
    complain(
      at('cron'),
      `expected a cron expression of five fields, or six with seconds first, got "${entry.cron}": ${badCron}`,
    )
  if (entry.timezone !== undefined && !isTimezone(entry.timezone))
    complain(at('timezone'), expected('an IANA time zone such as Europe/Berlin', entry.timezone))
  if (typeof entry.command === 'string' && entry.shell !== true)
    complain(
      at('command'),
      `expected a list such as [df, -h], got one line; write it as a list, or add "shell: true"`,
    )
  if (Array.isArray(entry.command) && entry.shell === true)
    complain(at('command'), 'expected one line, because "shell: true" is set, got a list')
  checkDurations(entry, task, path, complain)
  checkKind(entry, task, path, complain)
  const texts: [Path, string][] = [
    ...Object.entries(task.env).map(([name, text]): [Path, string] => [at('env', name), text]),
    ...(typeof entry.cwd === 'string' ? [[at('cwd'), entry.cwd] as [Path, string]] : []),
    ...(entry.http
      ? [
          [at('http', 'url'), entry.http.url] as [Path, string],
          [at('http', 'body'), entry.http.body ?? ''] as [Path, string],
          ...Object.entries(entry.http.headers ?? {}).map(([name, text]): [Path, string] => [
            at('http', 'headers', name),
            text,
          ]),
        ]
      : []),
  ]
  for (const [where, text] of texts) {
    const problem = referenceProblem(text)
    if (problem) complain(where, problem)
  }
  if (task.command.some((argument) => argument.includes('${env:')) && entry.shell !== true)
    complain(
      at('command'),
      'expected no environment reference in a command, where every user of this machine could read it; put it under "env"',
    )
}

const checkDurations = (entry: TaskEntry, task: Task, path: Path, complain: Complain): void => {
  const durations = {
    timeout: task.timeoutMs,
    jitter: task.jitterMs,
    no_output: task.noOutputMs,
    beat: task.beatMs,
  }
  for (const [field, ms] of Object.entries(durations) as [keyof typeof durations, number][]) {
    if (entry[field] === undefined || field in (misfits[task.kind] ?? {})) continue
    if (ms > TIMEOUT_MAX_MS || (field !== 'jitter' && ms === 0))
      complain([...path, field], expected('a duration above zero and under 24 days', entry[field]))
  }
}

const onlyBackground = 'is for tasks of kind background'

/** Fields that say nothing in a task of this kind, and why. */
const misfits: Record<Task['kind'], Partial<Record<keyof TaskEntry, string>>> = {
  command: { restart: onlyBackground, beat: onlyBackground },
  http: {
    restart: onlyBackground,
    beat: onlyBackground,
    no_output: 'is for programs; "timeout" limits a request',
    shell: 'is for programs',
    cwd: 'is for programs',
    env: `is for programs; a request may say \${env:NAME} in its url, headers and body`,
    success_codes: 'is for programs; "http.expect.status" says what a good answer is',
  },
  background: {
    http: 'is for tasks of kind http',
    timeout: 'is for tasks that end; "beat" says how long it may be silent',
    retries: 'is for tasks that end; "restart" says when it is started again',
  },
}

const checkKind = (entry: TaskEntry, task: Task, path: Path, complain: Complain): void => {
  for (const [field, why] of Object.entries(misfits[task.kind]))
    if (field in entry && !(field === 'http' && entry.command !== undefined))
      complain([...path, field], `expected no "${field}" here: it ${why}`, 'key')
  if (entry.cron === undefined && task.kind !== 'background')
    complain(path, `expected "cron", ${descriptionOf(TaskEntry.properties.cron)}, got none`)
}
