import type { RunsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'

/**
 * queued → running → one end. `missed` and `skipped` are ends without a beginning: fires that
 * nobody was there for, or that found the task still running or paused. `stuck` is the third skip
 * in a row, or a background program that gave no sign of life. `cancelled` is a run that a person
 * stopped, or kept from starting: no failure.
 */
export const runStatuses = [
  'queued',
  'running',
  'ok',
  'failed',
  'auth',
  'timeout',
  'missed',
  'skipped',
  'stuck',
  'interrupted',
  'could_not_start',
  'cancelled',
] as const
export type RunStatus = (typeof runStatuses)[number]

export type RunEnd = Exclude<RunStatus, 'queued' | 'running'>

export const runTriggers = ['schedule', 'catch_up', 'manual', 'delegate'] as const
export type RunTrigger = (typeof runTriggers)[number]

export type Run = {
  id: string
  /** The order of all runs; what a page of a list ends at. */
  seq: number
  /** Null for a delegated ticket. */
  taskId: string | null
  /** Null for a scheduled run. */
  ticketId: number | null
  /** The fire it stands for; null for a manual or delegated run. */
  slot: string | null
  /** The first of several fires that a missed or skipped run stands for; else null. */
  firstSlot: string | null
  /** How many fires it stands for. */
  slots: number
  trigger: RunTrigger
  requestedBy: string | null
  status: RunStatus
  attempts: number
  /** What was run, redacted. */
  command: string | null
  cwd: string | null
  workerId: string | null
  beatAt: string | null
  pid: number | null
  processStarted: string | null
  queuedAt: string
  startedAt: string | null
  endedAt: string | null
  durationMs: number | null
  exitCode: number | null
  signal: string | null
  /** In words: why it ended as it did. Null when all went well. */
  cause: string | null
  fingerprint: string | null
  /** Redacted and stripped; still untrusted text. */
  output: string | null
  outputDroppedBytes: number | null
  /** When somebody asked to stop it, and who. */
  cancelAskedAt: string | null
  cancelAskedBy: string | null
  /** The run that this one tries again. */
  retryOf: string | null
  /** Which worker program; null for a task's run. */
  worker: string | null
  /** Whether its success waits in review; null for a task's run. */
  review: boolean | null
  /** What the worker said last; redacted, still untrusted text. */
  result: string | null
  model: string | null
  tokensIn: number | null
  tokensOut: number | null
  tokensCached: number | null
  /** US dollars; null when nothing told a price. */
  costUsd: number | null
}

export const isOpenRun = (status: RunStatus): boolean => status === 'queued' || status === 'running'

/** Trouble of the task itself: what counts towards "three in a row". */
export const isFailure = (status: RunStatus): boolean =>
  status === 'failed' ||
  status === 'auth' ||
  status === 'timeout' ||
  status === 'stuck' ||
  status === 'could_not_start'

export type RunRow = Selectable<RunsTable>

export const toRun = (row: RunRow): Run => ({
  id: row.id,
  seq: row.seq,
  taskId: row.task_id,
  ticketId: row.ticket_id,
  slot: row.slot,
  firstSlot: row.first_slot,
  slots: row.slots,
  trigger: row.trigger as RunTrigger,
  requestedBy: row.requested_by,
  status: row.status as RunStatus,
  attempts: row.attempts,
  command: row.command,
  cwd: row.cwd,
  workerId: row.worker_id,
  beatAt: row.beat_at,
  pid: row.pid,
  processStarted: row.process_started,
  queuedAt: row.queued_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  durationMs: row.duration_ms,
  exitCode: row.exit_code,
  signal: row.signal,
  cause: row.cause,
  fingerprint: row.fingerprint,
  output: row.output,
  outputDroppedBytes: row.output_dropped_bytes,
  cancelAskedAt: row.cancel_asked_at,
  cancelAskedBy: row.cancel_asked_by,
  retryOf: row.retry_of,
  worker: row.worker,
  review: row.review === null ? null : row.review === 1,
  result: row.result,
  model: row.model,
  tokensIn: row.tokens_in,
  tokensOut: row.tokens_out,
  tokensCached: row.tokens_cached,
  costUsd: row.cost_usd,
})
