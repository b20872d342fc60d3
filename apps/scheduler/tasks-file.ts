import { parseDuration } from '@mc/core/config.ts'
import { cronProblem, isTimezone } from '@mc/core/tasks/calendar.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import { nearest } from './nearest.ts'
import { referenceProblem } from './references.ts'
import { TaskEntry } from './task-entry.ts'

export type TasksFile = { tasks: Task[]; problems: [] } | { tasks: null; problems: string[] }

type Path = (string | number)[]
type Complain = (path: Path, message: string, at?: 'key' | 'value') => void
type Mapping = Record<string, unknown>

const COMMAND_TIMEOUT_MS = 10 * 60_000
const HTTP_TIMEOUT_MS = 60_000
/** setTimeout takes no more. */
const TIMEOUT_MAX_MS = 2_147_483_647

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
  const tasks = found.length === 0 ? readTasks(document.toJS(), complain) : []
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

/** Walks the schema beside the value, so that every mistake is found, not the first eight. */
const checkShape = (schema: TSchema, value: unknown, path: Path, complain: Complain): boolean => {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties
  const description = (schema as { description?: string }).description ?? 'names with values'
  if (!properties) {
    if (Value.Check(schema, value)) return true
    complain(path, expected(description, value))
    return false
  }
  if (!isMapping(value)) {
    complain(path, expected(description, value))
    return false
  }
  let good = true
  for (const key of Object.keys(value)) {
    const property = properties[key]
    if (property) good = checkShape(property, value[key], [...path, key], complain) && good
    else {
      good = false
      complain([...path, key], unknownKey(key, Object.keys(properties), whose(path)), 'key')
    }
  }
  for (const key of (schema as { required?: string[] }).required ?? [])
    if (!(key in value)) {
      good = false
      complain(path, `expected "${key}", ${descriptionOf(properties[key])}, got none`)
    }
  return good
}

/** The fields of the right shape, so that a mistake in one does not hide those in others. */
const soundPart = (entry: Mapping): TaskEntry => {
  const properties: Record<string, TSchema> = TaskEntry.properties
  const sound = Object.entries(entry).filter(([key, value]) => {
    const property = properties[key]
    return property !== undefined && Value.Check(property, value)
  })
  return { id: '', cron: '* * * * *', ...Object.fromEntries(sound) } as TaskEntry
}

/** What belongs together. */
const checkWhole = (entry: TaskEntry, task: Task, path: Path, complain: Complain): void => {
  if (entry.command !== undefined && entry.http !== undefined)
    complain([...path, 'http'], 'expected either "command" or "http", got both')
  else if (entry.kind === 'background') return
  else if (task.kind === 'command' && entry.command === undefined)
    complain(path, 'expected "command", a list such as [df, -h], got none')
  else if (task.kind === 'http' && entry.http === undefined)
    complain(path, 'expected "http" with a "url", got none')
}

/** What a shape cannot say. */
const checkMeaning = (entry: TaskEntry, task: Task, path: Path, complain: Complain): void => {
  const at = (...more: Path) => [...path, ...more]
  const badCron = cronProblem(entry.cron)
  if (badCron)
    complain(
      at('cron'),
      `expected a cron expression of five fields, or six with seconds first, got "${entry.cron}": ${badCron}`,
    )
  if (entry.timezone !== undefined && !isTimezone(entry.timezone))
    complain(at('timezone'), expected('an IANA time zone such as Europe/Berlin', entry.timezone))
  if (entry.kind === 'background')
    complain(
      at('kind'),
      'expected command or http, got "background": long-running tasks are not supported yet',
    )
  if (typeof entry.command === 'string' && entry.shell !== true)
    complain(
      at('command'),
      `expected a list such as [df, -h], got one line; write it as a list, or add "shell: true"`,
    )
  if (Array.isArray(entry.command) && entry.shell === true)
    complain(at('command'), 'expected one line, because "shell: true" is set, got a list')
  for (const field of ['timeout', 'jitter'] as const) {
    const ms = field === 'timeout' ? task.timeoutMs : task.jitterMs
    if (ms > TIMEOUT_MAX_MS || (field === 'timeout' && ms === 0))
      complain(at(field), expected('a duration above zero and under 24 days', entry[field]))
  }
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

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

const expected = (what: string, value: unknown): string => `expected ${what}, got ${shown(value)}`

const descriptionOf = (schema: TSchema | undefined): string =>
  (schema as { description?: string } | undefined)?.description ?? 'a value'

const whose = (path: Path): string =>
  path.length <= 2 ? 'a task' : path.slice(2).map(String).join('.')

const unknownKey = (key: string, known: readonly string[], of: string): string => {
  const meant = nearest(key, known)
  return meant
    ? `expected a known key of ${of}, got "${key}"; did you mean "${meant}"?`
    : `expected a known key of ${of} (${known.join(', ')}), got "${key}"`
}

/** Where a value, or its key, stands in the text; what came in by a merge stands where it was merged. */
const offsetOf = (
  root: unknown,
  path: Path,
  at: 'key' | 'value',
  document: ReturnType<typeof parseDocument>,
): number => {
  let node: unknown = root
  let offset = startOf(node) ?? 0
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      )
      if (!pair) return offset
      const wanted = last && at === 'key' ? pair.key : (pair.value ?? pair.key)
      offset = startOf(wanted) ?? startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

const startOf = (node: unknown): number | null =>
  isNode(node) ? ((node as Node).range?.[0] ?? null) : null
