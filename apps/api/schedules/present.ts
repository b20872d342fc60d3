import type { TaskView } from '@mc/core/tasks/task.ts'
import { local, relative, utc } from '../frame/format.ts'
import { runWords } from '../tickets/present.ts'
import { cronWords } from '@mc/core/tasks/cron-words.ts'

/** Failing first, then paused, then the rest by their next run. */
const rank = (task: TaskView) => (task.consecutiveFailures > 0 ? 0 : task.paused ? 2 : 1)

export const presentTasks = (tasks: readonly TaskView[], now: Date) =>
  [...tasks]
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.nextRunAt ?? '9').localeCompare(b.nextRunAt ?? '9') ||
        a.id.localeCompare(b.id),
    )
    .map((task) => presentTask(task, now))

export const presentTask = (task: TaskView, now: Date) => ({
  id: task.id,
  title: task.title,
  description: task.description,
  kind: task.kind,
  tags: task.tags,
  cron: task.cron,
  words: cronWords(task.cron),
  timezone: task.timezone,
  next:
    task.paused || !task.nextRunAt
      ? null
      : {
          at: task.nextRunAt,
          local: local(task.nextRunAt),
          utc: utc(task.nextRunAt),
          relative: relative(task.nextRunAt, now),
        },
  enabled: task.enabled,
  requested: task.runRequested !== null,
  paused: task.paused,
  last: task.lastRun
    ? {
        ...runWords[task.lastRun.status],
        id: task.lastRun.id,
        at: task.lastRun.endedAt ?? task.lastRun.startedAt,
        durationMs: task.lastRun.durationMs,
        cause: task.lastRun.cause,
      }
    : null,
  streak: task.consecutiveFailures,
})
export type TaskRowView = ReturnType<typeof presentTask>
