import { spanOf } from '@mc/core/alerts/span.ts'
import type { SchedulerMode } from '@mc/core/config.ts'
import type { ItemKind, NewItem, Priority } from '@mc/core/inbox/item.ts'
import type { Task } from '@mc/core/tasks/task.ts'

/** What a task's fire came to, with everything that pickup, Luci and a person need to judge it. */
export type Outcome = {
  kind: ItemKind
  /** Why, in words; null when all went well. */
  cause: string | null
  status: string
  fingerprint: string | null
  runId: string | null
  exitCode: number | null
  durationMs: number | null
  /** Redacted and stripped; still untrusted. */
  output: string
  /** After this one. */
  consecutiveFailures: number
  sameFingerprint: number
  /** The row of failures that a success ends; null when there was none. */
  recoveredFrom: { fingerprints: string[]; failures: number; since: string } | null
  /** For `missed` and `skipped`: the fires it stands for. */
  fires: { count: number; first: string; last: string } | null
}

/** What the scheduler itself does about an outcome. */
export type Telling = {
  /** Whether pickup hears of it. */
  post: boolean
  alert: 'critical' | 'normal' | null
  ticket: boolean
  /** Alerts it raised earlier are over. */
  recover: boolean
}

const IN_A_ROW = 3
const EXCERPT_BYTES_MAX = 2_048

const failureKinds: readonly ItemKind[] = ['failed', 'auth', 'timeout', 'could_not_start', 'stuck']

export const isFailureKind = (kind: ItemKind): boolean => failureKinds.includes(kind)

/**
 * Auth is told at once in every mode: it must not wait for pickup. `direct` is the old way: every
 * failure alerts, the third in a row opens a ticket, and the inbox hears nothing.
 */
export const tellingOf = (
  mode: SchedulerMode,
  outcome: Pick<Outcome, 'kind' | 'consecutiveFailures' | 'recoveredFrom'>,
): Telling => {
  const directly = mode !== 'inbox'
  const failure = isFailureKind(outcome.kind)
  return {
    post: mode !== 'direct',
    alert: outcome.kind === 'auth' ? 'critical' : directly && failure ? 'normal' : null,
    ticket: directly && failure && outcome.consecutiveFailures >= IN_A_ROW,
    recover: directly && outcome.recoveredFrom !== null,
  }
}

/**
 * The inbox row of an outcome that is told `now`. `told` is what the scheduler tells by itself in
 * the same transaction.
 */
export const itemOf = (
  task: Task,
  outcome: Outcome,
  told: ('alert' | 'ticket')[],
  now: Date,
): NewItem => ({
  source: 'scheduler',
  sourceId: task.id,
  kind: outcome.kind,
  priority: priorityOf(task, outcome.kind),
  message: messageOf(task, outcome, now),
  ...(outcome.fingerprint ? { fingerprint: outcome.fingerprint } : {}),
  ...(outcome.runId ? { runId: outcome.runId } : {}),
  detail: {
    task: task.id,
    status: outcome.status,
    exitCode: outcome.exitCode,
    durationMs: outcome.durationMs,
    cause: outcome.cause,
    excerpt: excerptOf(outcome.output),
    consecutiveFailures: outcome.consecutiveFailures,
    sameFingerprint: outcome.sameFingerprint,
    ...(outcome.recoveredFrom ? { recoveredFrom: outcome.recoveredFrom } : {}),
    ...(outcome.fires ? { fires: outcome.fires } : {}),
    ...(outcome.kind === 'missed' ? { catchUp: task.catchUp } : {}),
    ...(task.credential ? { credential: task.credential } : {}),
    ...(task.tags.length > 0 ? { tags: task.tags } : {}),
    ...(told.length > 0 ? { told } : {}),
  },
})

export const messageOf = (
  task: Pick<Task, 'title' | 'credential'>,
  outcome: Outcome,
  now: Date,
): string => {
  const { kind, cause, consecutiveFailures, recoveredFrom, fires } = outcome
  const row = consecutiveFailures > 1 ? `, ${consecutiveFailures} times in a row` : ''
  const because = cause ? `: ${cause}` : ''
  switch (kind) {
    case 'ok':
      return recoveredFrom
        ? `${task.title} works again after ${recoveredFrom.failures === 1 ? '1 failure' : `${recoveredFrom.failures} failures`} in ${spanOf(recoveredFrom.since, now)}`
        : `${task.title} went well`
    case 'auth':
      return `${task.title} was refused its credential${task.credential ? ` "${task.credential}"` : ''}${row}${because}`
    case 'timeout':
      return `${task.title} took too long${row}${because}`
    case 'could_not_start':
      return `${task.title} could not start${row}${because}`
    case 'missed':
      return fires && fires.count > 1
        ? `${task.title} missed ${fires.count} fires from ${minuteOf(fires.first)} to ${minuteOf(fires.last)}`
        : `${task.title} missed its fire of ${fires ? minuteOf(fires.last) : ''}`
    case 'skipped':
      return `${task.title} was passed over${because}`
    case 'stuck':
      return `${task.title} is stuck${because}`
    case 'interrupted':
      return `${task.title} was interrupted${because}`
    case 'note':
      return `${task.title} was cancelled${because}`
    default:
      return `${task.title} failed${row}${because}`
  }
}

/** `2026-03-02 10:00 UTC`, of an ISO time. */
const minuteOf = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`

const priorityOf = (task: Pick<Task, 'priority'>, kind: ItemKind): Priority =>
  kind === 'auth'
    ? 'critical'
    : kind === 'ok' || kind === 'skipped' || kind === 'note'
      ? 'low'
      : task.priority

/** The end of the output, where programs say what went wrong; at most 2 KiB of UTF-8. */
const excerptOf = (output: string): string => {
  const bytes = Buffer.from(output.trim())
  if (bytes.length <= EXCERPT_BYTES_MAX) return bytes.toString()
  let start = bytes.length - EXCERPT_BYTES_MAX + 3
  // Not in the middle of a character.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return `…${bytes.subarray(start).toString()}`
}
