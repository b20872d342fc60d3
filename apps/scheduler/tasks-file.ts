import { parseDuration } from '@mc/core/config.ts'
import { isTimezone } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { LineCounter, parseDocument } from 'yaml'
import { checkMeaning, checkShape, checkWhole, soundPart } from './check-task.ts'
import { type Complain, expected, isMapping, type Path, shown, unknownKey } from './mistakes.ts'
import { offsetOf } from './position.ts'
import { TaskEntry } from './task-entry.ts'

export type TasksFile = { tasks: Task[]; problems: [] } | { tasks: null; problems: string[] }

const COMMAND_TIMEOUT_MS = 10 * 60_000
const HTTP_TIMEOUT_MS = 60_000
/**
 * The tasks of a YAML text, or every mistake in it as `file:line:column: what`. `file` is how the
 * messages name it. All or nothing: one mistake and there are no tasks.
 */
export const readTasksFile = (text: string, file: string): TasksFile => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const found: { offset: number; message: string }[] = []
  for (const error of document.errors) found.push({ offset: error.pos[0], message: error.message })
  const complain: Complain = (path, message, at = 'value') => {
    found.push({ offset: offsetOf(document.contents, path, at, document), message })
  }
  let tasks: Task[] = []
  if (found.length === 0)
    try {
      tasks = readTasks(document.toJS(), complain)
    } catch (error) {
      // Aliases that multiply without end.
      if (!(error instanceof ReferenceError)) throw error
      complain([], error.message)
    }
  if (found.length === 0) return { tasks, problems: [] }
  const problems = found
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`
    })
  return { tasks: null, problems: [...new Set(problems)] }
}

const readTasks = (root: unknown, complain: Complain): Task[] => {
  if (root === null || root === undefined) return []
  if (!isMapping(root) || (!Array.isArray(root.tasks) && root.tasks !== null)) {
    complain([], `expected "tasks:" with a list of tasks under it, got ${shown(root)}`)
    return []
  }
  for (const key of Object.keys(root))
    if (!['tasks', 'timezone'].includes(key) && !key.startsWith('x-'))
      complain([key], unknownKey(key, ['tasks', 'timezone'], 'the file'), 'key')
  const timezone = root.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  if (typeof timezone !== 'string' || !isTimezone(timezone))
    complain(['timezone'], expected('an IANA time zone such as Europe/Berlin', timezone))
  const seen = new Map<string, number>()
  return ((root.tasks ?? []) as unknown[]).flatMap((entry, index) => {
    const path: Path = ['tasks', index]
    const shapely = checkShape(TaskEntry, entry, path, complain)
    if (!isMapping(entry)) return []
    const checked = soundPart(entry)
    const earlier = seen.get(checked.id)
    if (earlier !== undefined)
      complain(
        [...path, 'id'],
        `expected each id once, got "${checked.id}" again (it is task number ${earlier + 1} too)`,
      )
    if (checked.id !== '') seen.set(checked.id, index)
    const task = toTask(checked, String(timezone))
    checkMeaning(checked, task, path, complain)
    if (shapely) checkWhole(checked, task, path, complain)
    return [task]
  })
}

const toTask = (entry: TaskEntry, timezone: string): Task => {
  const kind = entry.kind === 'http' || (!entry.kind && entry.http) ? 'http' : 'command'
  const { command = [], http } = entry
  const status = http?.expect?.status
  return {
    id: entry.id,
    title: entry.title ?? entry.id,
    description: entry.description ?? null,
    enabled: entry.enabled ?? true,
    kind,
    cron: entry.cron.trim(),
    timezone: entry.timezone ?? timezone,
    command: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
    http: http
      ? {
          method: http.method ?? 'GET',
          url: http.url,
          headers: http.headers ?? {},
          body: http.body ?? null,
          expect: {
            statuses: status === undefined ? [] : [status].flat(),
            contains: http.expect?.contains ?? null,
          },
        }
      : null,
    overlap: entry.overlap ?? 'skip',
    catchUp: entry.catch_up ?? 'latest',
    jitterMs: toMs(entry.jitter, 0),
    timeoutMs: toMs(entry.timeout, kind === 'http' ? HTTP_TIMEOUT_MS : COMMAND_TIMEOUT_MS),
    retries: entry.retries ?? 0,
    env: Object.fromEntries(
      Object.entries(entry.env ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    cwd: entry.cwd ?? null,
    priority: entry.priority ?? 'normal',
    successCodes: entry.success_codes ?? [0],
    authCodes: entry.auth_codes ?? [77],
    tags: entry.tags ?? [],
    credential: entry.credential ?? null,
    fingerprint: entry.fingerprint ?? null,
  }
}

const toMs = (value: string | number | undefined, otherwise: number): number =>
  value === undefined ? otherwise : (parseDuration(String(value)) ?? otherwise)
