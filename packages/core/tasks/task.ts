import type { TasksTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Priority, priorities } from '../inbox/item.ts'
import type { RunStatus } from '../runs/run.ts'
import { withoutSecrets } from './secrets.ts'

/** A program that ends, a request, or a program that is to keep running. */
export const taskKinds = ['command', 'http', 'background'] as const
export type TaskKind = (typeof taskKinds)[number]

/**
 * What happens to a fire while the task still runs: passed over, kept for after, it takes over, or
 * it runs beside (up to `overlapMax` at once).
 */
export const overlaps = ['skip', 'queue', 'replace', 'allow'] as const
export type Overlap = (typeof overlaps)[number]

/** What happens to fires that nobody was there for: the newest runs, none does, or (ten at most) all. */
export const catchUps = ['latest', 'skip', 'all'] as const
export type CatchUp = (typeof catchUps)[number]

/** When a background task's program is started again after it ended. */
export const restarts = ['always', 'on-failure', 'never'] as const
export type Restart = (typeof restarts)[number]

export const taskPriorities = priorities

/** The request of an http task. Every text may hold references such as `${env:NAME}`. */
export type HttpRequest = {
  method: string
  url: string
  headers: Record<string, string>
  body: string | null
  expect: {
    /** Empty means any 2xx. */
    statuses: number[]
    /** Text the body must contain; null means any body will do. */
    contains: string | null
  }
}

/** A scheduled job as the tasks file says it, checked, with every default filled in. */
export type Task = {
  id: string
  title: string
  description: string | null
  enabled: boolean
  kind: TaskKind
  /**
   * Five fields, or six with seconds first. Empty for a background task without a calendar: it is
   * to run all the time.
   */
  cron: string
  /** IANA name. */
  timezone: string
  /** argv of a command or background task (`shell: true` has become `/bin/sh -c`); empty for http. */
  command: string[]
  /** Null unless the kind is http. */
  http: HttpRequest | null
  overlap: Overlap
  /** How many may run at once: 1 unless `overlap` is `allow`. */
  overlapMax: number
  catchUp: CatchUp
  /** The start is put off by a part of this, always the same part for the same task. */
  jitterMs: number
  /** 0 for a background task: it has no limit. */
  timeoutMs: number
  /** Ended when it says nothing for so long; null means it may be silent. */
  noOutputMs: number | null
  /** Further tries after a passing trouble (timeout, 5xx, a lost connection). */
  retries: number
  /** Of a background task; `never` for the others. */
  restart: Restart
  /**
   * Of a background task: without a sign of life (output, or a touch of the file named by MC_BEAT)
   * for so long it counts as stuck. Null means that a living process is sign enough.
   */
  beatMs: number | null
  /** Values may hold references such as `${env:NAME}` or `${env:NAME:-otherwise}`. */
  env: Record<string, string>
  /** Null means the project's folder; a relative path starts there. */
  cwd: string | null
  priority: Priority
  successCodes: number[]
  /** Exit codes that say "my credential was refused". */
  authCodes: number[]
  tags: string[]
  /** What an auth failure is about; tasks that share it share one alert. */
  credential: string | null
  /** Names the trouble explicitly instead of by its error line. */
  fingerprint: string | null
}

export type Pause = { at: string; until: string | null; reason: string; by: string }

/** The last run of a task, in short. */
export type LastRun = {
  id: string
  status: RunStatus
  startedAt: string | null
  endedAt: string | null
  /** When somebody said that it is to stop; null when nobody did. */
  cancelAskedAt: string | null
  durationMs: number | null
  cause: string | null
}

/** A task and how it stands, without the secrets that may be written into the file. */
export type TaskView = Task & {
  /** False once it left the file; its history stays. */
  present: boolean
  /** Null when it is disabled, gone, or its calendar has no further date. */
  nextRunAt: string | null
  lastSlot: string | null
  paused: Pause | null
  /** A person asked for a run that has not begun. */
  runRequested: { at: string; by: string } | null
  consecutiveFailures: number
  consecutiveSkips: number
  /** Start of the present row of failures; null when the last run went well. */
  failingSince: string | null
  lastRun: LastRun | null
}

export type TaskRow = Selectable<TasksTable>

/** A definition that an older version stored lacks what came later. */
const later: Pick<Task, 'overlapMax' | 'noOutputMs' | 'restart' | 'beatMs'> = {
  overlapMax: 1,
  noOutputMs: null,
  restart: 'never',
  beatMs: null,
}

export const toTask = (row: Pick<TaskRow, 'definition'>): Task => ({
  ...later,
  ...(JSON.parse(row.definition) as Task),
})

/** `now` (ISO): a pause whose end has come is none, also before the next fire clears it. */
export const toTaskView = (row: TaskRow, lastRun: LastRun | null, now: string): TaskView => ({
  ...withoutSecrets(toTask(row)),
  present: row.present === 1,
  nextRunAt: row.next_run_at,
  lastSlot: row.last_slot,
  paused:
    row.paused_at && (row.paused_until === null || row.paused_until > now)
      ? {
          at: row.paused_at,
          until: row.paused_until,
          reason: row.paused_reason ?? '',
          by: row.paused_by ?? '',
        }
      : null,
  runRequested: row.run_requested_at
    ? { at: row.run_requested_at, by: row.run_requested_by ?? '' }
    : null,
  consecutiveFailures: row.consecutive_failures,
  consecutiveSkips: row.consecutive_skips,
  failingSince: row.failing_since,
  lastRun,
})
