import type { Past, Streak, Totals } from '@mc/core/runs/history.ts'
import { type RunStatus, runStatuses } from '@mc/core/runs/run.ts'
import { cronWords } from '@mc/core/tasks/cron-words.ts'
import { explain } from '@mc/core/tasks/explain.ts'
import type { Pause, TaskView } from '@mc/core/tasks/task.ts'
import { duration, local, plural, relative, utc } from '../frame/format.ts'
import { runState, runWords } from '../tickets/present.ts'
import { median, sparkline } from './sparkline.ts'

/** Bars on the list, and on a task's own page. */
export const PAST_SHOWN = 20
export const PAST_SHOWN_LONG = 60
const NEXT_SHOWN = 5

export type Shown = { past: readonly Past[]; allPaused: Pause | null; now: Date }

export const presentTask = (task: TaskView, { past, allPaused, now }: Shown) => ({
  id: task.id,
  href: `/schedules/${encodeURIComponent(task.id)}`,
  title: task.title,
  description: task.description,
  kind: task.kind,
  present: task.present,
  tags: task.tags,
  cron: task.cron,
  words: task.cron === '' ? 'kept running' : cronWords(task.cron),
  timezone: task.timezone,
  next: task.paused || allPaused || !task.nextRunAt ? null : presentNext(task.nextRunAt, now),
  enabled: task.enabled,
  requested: task.runRequested !== null,
  paused: task.paused && presentPause(task.paused),
  last: task.lastRun
    ? {
        ...runState(task.lastRun),
        id: task.lastRun.id,
        /** Null while it waits to start. */
        at: task.lastRun.endedAt ?? task.lastRun.startedAt,
        durationMs: task.lastRun.durationMs,
        cause: task.lastRun.cause,
      }
    : null,
  streak: task.consecutiveFailures,
  spark: sparkline(past, PAST_SHOWN),
})
export type TaskRowView = ReturnType<typeof presentTask>

const presentNext = (at: string, now: Date) => ({
  at,
  /** The scheduler is away, or just about to. */
  word: new Date(at) < now ? 'was due' : 'next',
  local: local(at),
  utc: utc(at),
  relative: relative(at, now),
})

export const presentPause = ({ at, until, reason, by }: Pause) => ({
  at,
  by: by === 'person' ? 'you' : by,
  reason,
  until: until && { at: until, local: local(until), utc: utc(until) },
})

type Facts = Shown & { streak: Streak | null; totals: Totals }

/** A task on its own page: how it stands, when it comes next, how it has been. */
export const presentTaskPage = (task: TaskView, facts: Facts) => {
  const { past, now, totals, streak, allPaused } = facts
  const lasted = past.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]))
  return {
    ...presentTask(task, facts),
    spark: sparkline(past, PAST_SHOWN_LONG),
    streakWords: streakWords(task, streak),
    usual: lasted.length > 0 ? duration(median(lasted)) : null,
    longest: lasted.length > 0 ? duration(Math.max(...lasted)) : null,
    totals: runStatuses
      .flatMap((status: RunStatus) => {
        const count = totals.byStatus[status]
        return count ? [{ ...runWords[status], status, count: count.toLocaleString('en') }] : []
      })
      .sort((a, b) => a.label.localeCompare(b.label)),
    upcoming: task.enabled && task.present && !allPaused ? upcoming(task, now) : [],
    runs: whatRuns(task),
    rules: rulesOf(task),
  }
}

/** From its next due moment on: what has been made up for, or is put off, does not come again. */
const upcoming = (task: TaskView, now: Date) => {
  if (task.cron === '') return []
  const from = task.paused?.until ? new Date(task.paused.until) : now
  if (task.paused && task.paused.until === null) return []
  return explain(task, from, NEXT_SHOWN).next.map((fire) => ({
    at: fire.utc,
    there: withoutSeconds(fire.local.replace(/ [+-]\d\d:\d\d$/, '')),
    offset: fire.local.slice(-6),
    utc: withoutSeconds(fire.utc.slice(0, 19).replace('T', ' ')),
    relative: relative(fire.utc, now),
  }))
}

/** Few tasks have any. */
const withoutSeconds = (time: string): string => time.replace(/:00$/, '')

const streakWords = (task: TaskView, streak: Streak | null): string | null => {
  if (!streak || streak.count === 0) return null
  const count = `${streak.count.toLocaleString('en')}${streak.more ? ' or more' : ''}`
  if (streak.kind === 'ok')
    return streak.count === 1 ? 'The last went well' : `${count} in a row went well`
  if (streak.count === 1) return 'The last went wrong'
  return task.failingSince
    ? `${plural(streak.count, 'failure')} in a row, since ${local(task.failingSince)}`
    : `${plural(streak.count, 'failure')} in a row`
}

const whatRuns = (task: TaskView): string =>
  task.http ? `${task.http.method} ${task.http.url}` : shellWords(task.command)

/** The command of a run as its task shows it; what is no list is shown as it was noted. */
export const ranWords = (command: string): string => {
  try {
    const argv: unknown = JSON.parse(command)
    const isList = Array.isArray(argv) && argv.every((word) => typeof word === 'string')
    return isList ? shellWords(argv) : command
  } catch {
    // A request, such as `GET https://…`.
    return command
  }
}

/** As a person would type it, so that it can be read; not to be run. */
const shellWords = (argv: readonly string[]): string =>
  argv[0] === '/bin/sh' && argv[1] === '-c'
    ? (argv[2] ?? '')
    : argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')

const overlapWords = {
  skip: 'a fire that finds it running is passed over',
  queue: 'a fire that finds it running waits for it',
  replace: 'a new fire ends the one before',
}
const catchUpWords = {
  latest: 'of missed fires the newest runs',
  skip: 'missed fires are not made up for',
  all: 'missed fires are made up for, ten at most',
}

/** As a person wrote it: `90 s`, `10 min`, `1 day`. */
const span = (ms: number): string => {
  if (ms % 86_400_000 === 0) return plural(ms / 86_400_000, 'day')
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : duration(ms)
}

const rulesOf = (task: TaskView): string[] =>
  [
    task.timeoutMs > 0 ? `ended after ${span(task.timeoutMs)}` : null,
    task.noOutputMs ? `ended when silent for ${span(task.noOutputMs)}` : null,
    task.kind === 'background' ? `restarted: ${task.restart}` : null,
    task.beatMs ? `stuck without a sign of life for ${span(task.beatMs)}` : null,
    task.overlap === 'allow'
      ? `up to ${task.overlapMax} at once`
      : task.cron === ''
        ? null
        : overlapWords[task.overlap],
    task.cron === '' ? null : catchUpWords[task.catchUp],
    task.retries > 0
      ? `${plural(task.retries, 'further try', 'further tries')} after a passing trouble`
      : null,
    task.jitterMs > 0 ? `put off by up to ${span(task.jitterMs)}` : null,
    task.priority === 'normal' ? null : `${task.priority} priority`,
    task.credential ? `credential ${task.credential}` : null,
  ].filter((rule) => rule !== null)
