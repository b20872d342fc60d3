import { parseDuration } from '@mc/core/config.ts'
import {
  type Complain,
  expected,
  isMapping,
  type Mapping,
  type Path,
  shown,
  unknownKey,
} from '@mc/core/edited-file/mistakes.ts'
import { nearest } from '@mc/core/edited-file/nearest.ts'
import { readEdited } from '@mc/core/edited-file/read.ts'
import { soundPart } from '@mc/core/edited-file/shape.ts'
import { isTimezone } from '@mc/core/tasks/calendar.ts'
import { type Limits, noLimits } from '@mc/core/tasks/limits.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { checkMeaning, checkWhole } from './check-task.ts'
import { checkShape } from './mistakes.ts'
import { LimitsEntry, TaskEntry } from './task-entry.ts'

export type TasksFile =
  | { tasks: Task[]; limits: Limits; problems: [] }
  | { tasks: null; problems: string[] }

/** What a task that names none is given. */
const timeoutsMs = { command: 10 * 60_000, http: 60_000, background: 0 }

/**
 * The tasks of a YAML text, or every mistake in it as `file:line:column: what`. `file` is how the
 * messages name it. All or nothing: one mistake and there are no tasks.
 */
export const readTasksFile = (text: string, file: string): TasksFile => {
  const { value, problems } = readEdited(text, file, readFile)
  return value ? { ...value, problems: [] } : { tasks: null, problems }
}

const fileKeys = ['tasks', 'timezone', 'limits']

const readFile = (root: unknown, complain: Complain): { tasks: Task[]; limits: Limits } => {
  const none = { tasks: [], limits: noLimits }
  // Never taken for "no tasks": half a save, or a slip, would end all that runs.
  if (!isMapping(root) || (!Array.isArray(root.tasks) && root.tasks !== null)) {
    complain([], `expected "tasks:" with a list of tasks under it, got ${whatFileIs(root)}`)
    return none
  }
  for (const key of Object.keys(root))
    if (!fileKeys.includes(key) && !key.startsWith('x-'))
      complain([key], unknownKey(key, fileKeys, 'the file'), 'key')
  const tasks = readTasks(root, complain)
  const limits = readLimits(root.limits, complain)
  checkTags(limits, tasks, complain)
  return { tasks, limits }
}

const whatFileIs = (root: unknown): string => {
  if (root === null || root === undefined) return 'an empty file (no tasks at all are "tasks: []")'
  if (!isMapping(root)) return shown(root)
  return 'tasks' in root ? shown(root.tasks) : 'a file without it'
}

const readLimits = (entry: unknown, complain: Complain): Limits => {
  if (entry === undefined || !checkShape(LimitsEntry, entry, ['limits'], complain)) return noLimits
  const { total = null, tags = {} } = entry as LimitsEntry
  return { total, tags }
}

/** A limit on a tag that nobody bears is none: told where the tag is probably misspelt. */
const checkTags = ({ tags }: Limits, tasks: readonly Task[], complain: Complain): void => {
  const inUse = [...new Set(tasks.flatMap((task) => task.tags))]
  for (const tag of Object.keys(tags)) {
    const meant = inUse.includes(tag) ? null : nearest(tag, inUse)
    if (meant)
      complain(
        ['limits', 'tags', tag],
        `expected a tag that a task bears, got "${tag}"; did you mean "${meant}"?`,
        'key',
      )
  }
}

const readTasks = (root: Mapping, complain: Complain): Task[] => {
  const timezone = root.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  if (typeof timezone !== 'string' || !isTimezone(timezone))
    complain(['timezone'], expected('an IANA time zone such as Europe/Berlin', timezone))
  const seen = new Map<string, number>()
  return ((root.tasks ?? []) as unknown[]).flatMap((entry, index) => {
    const path: Path = ['tasks', index]
    const shapely = checkShape(TaskEntry, entry, path, complain)
    if (!isMapping(entry)) return []
    const checked = { id: '', ...soundPart(TaskEntry, entry) } as TaskEntry
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
  const kind = entry.kind ?? (entry.http ? 'http' : 'command')
  const { command = [], http } = entry
  const status = http?.expect?.status
  return {
    id: entry.id,
    title: entry.title ?? entry.id,
    description: entry.description ?? null,
    enabled: entry.enabled ?? true,
    kind,
    cron: entry.cron?.trim() ?? '',
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
    overlap: typeof entry.overlap === 'object' ? 'allow' : (entry.overlap ?? 'skip'),
    overlapMax: typeof entry.overlap === 'object' ? entry.overlap.allow : 1,
    catchUp: entry.catch_up ?? 'latest',
    jitterMs: toMs(entry.jitter, 0),
    timeoutMs: toMs(entry.timeout, timeoutsMs[kind]),
    noOutputMs: entry.no_output === undefined ? null : toMs(entry.no_output, 0),
    retries: entry.retries ?? 0,
    restart:
      entry.restart ?? (kind === 'background' && entry.cron === undefined ? 'always' : 'never'),
    beatMs: entry.beat === undefined ? null : toMs(entry.beat, 0),
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
