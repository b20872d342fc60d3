import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import { createDelegation, ticketAsMarkdown } from '@mc/core/delegation/delegation.ts'
import type { Log } from '@mc/core/log.ts'
import { isAlive, processStarted, signalGroup } from '@mc/core/runs/process.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type CommandResult, runCommand } from '@mc/core/runs/run-command.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns, RUN_BEAT_MS, type RunEnding } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'

export type DelegateDeps = {
  db: Database
  clock: Clock
  log: Log
  workerId: string
  /** The worker program, as argv; null: none is configured. */
  command: readonly string[] | null
  countMax: number
  cwd: string
  /** The whole environment of the program, but for MC_TICKET. */
  env: Record<string, string>
  /** To be hidden in its output. */
  secrets: readonly string[]
  timeoutMs?: number
  /** Where the whole output of each run is kept; without it only the ends are, in its row. */
  logs?: RunLogs
}

const TIMEOUT_MS = 30 * 60_000
/** The end of a stopping pickup must not wait longer for a worker. */
const KILL_AFTER_MS = 3_000
const LOOK_MS = 30_000

/** Runs delegated tickets until the signal aborts, at most `countMax` at once; then ends them. */
export const runDelegated = async (
  deps: DelegateDeps & { bell: Bell },
  signal: AbortSignal,
): Promise<void> => {
  const running = new Set<Promise<unknown>>()
  while (!signal.aborted) {
    try {
      await interruptLost(deps)
      for (;;) {
        const run = await takeNext(deps)
        if (!run) break
        const work = execute(deps, run, signal)
          .catch((error) => deps.log.error({ err: error, runId: run.id }, 'A delegated run failed'))
          .finally(() => running.delete(work))
        running.add(work)
      }
    } catch (error) {
      // A database that is away for a moment must not end the loop.
      deps.log.error({ err: error }, 'The look for delegated tickets failed')
    }
    await deps.bell.wait(LOOK_MS, signal)
  }
  await Promise.all(running)
}

/** One delegated ticket, if one waits, to its end. Null when none does. */
export const runDelegatedOnce = async (
  deps: DelegateDeps,
  signal: AbortSignal,
): Promise<Run | null> => {
  const run = await takeNext(deps)
  return run ? execute(deps, run, signal) : null
}

const takeNext = (deps: DelegateDeps): Promise<Run | null> => {
  const delegation = createDelegation(deps.db, deps.clock, { configured: deps.command !== null })
  return deps.command ? delegation.take(deps.workerId, deps.countMax) : Promise.resolve(null)
}

const execute = async (deps: DelegateDeps, run: Run, signal: AbortSignal): Promise<Run | null> => {
  const { db, clock, log } = deps
  const argv = deps.command ?? []
  const runs = createRuns(db, clock)
  const ticket = await createTickets(db, clock).get(run.ticketId ?? 0)
  mkdirSync(deps.cwd, { recursive: true })
  await runs.note(run.id, { command: JSON.stringify(argv), cwd: deps.cwd, attempts: 1 })
  log.info({ runId: run.id, ticket: ticket.key }, 'Delegated run started')
  const noteProcess = async (pid: number) =>
    runs.note(run.id, { pid, processStarted: await processStarted(pid) })
  const beat = setInterval(() => void runs.beat(deps.workerId).catch(() => {}), RUN_BEAT_MS)
  let noted: Promise<void> = Promise.resolve()
  const result = await runCommand({
    argv,
    cwd: deps.cwd,
    env: { ...deps.env, MC_TICKET: ticket.key },
    input: ticketAsMarkdown(ticket),
    timeoutMs: deps.timeoutMs ?? TIMEOUT_MS,
    secrets: deps.secrets,
    signal,
    killAfterMs: KILL_AFTER_MS,
    ...(deps.logs ? { log: deps.logs.open(run.id, { secrets: deps.secrets }) } : {}),
    onStart: ({ pid }) => {
      // Without it a run cannot be reaped after a crash; the run itself goes on.
      noted = noteProcess(pid).catch((error) => log.warn({ err: error }, 'Run not noted'))
    },
  })
  clearInterval(beat)
  await noted
  const delegation = createDelegation(db, clock, { configured: true })
  const ended = await delegation.end(run, endingOf(result))
  log.info({ runId: run.id, ticket: ticket.key, status: ended?.status }, 'Delegated run ended')
  return ended
}

/** How a run ended, from how its program did. Pure. */
export const endingOf = (result: CommandResult): RunEnding => {
  const facts = {
    exitCode: result.exitCode,
    signal: result.signal,
    output: result.output,
    outputDroppedBytes: result.droppedBytes,
    durationMs: result.durationMs,
    attempts: 1,
  }
  if (result.spawnError !== null)
    return { ...facts, status: 'could_not_start', cause: result.spawnError }
  if (result.timedOut) return { ...facts, status: 'timeout', cause: 'It took too long' }
  if (result.aborted)
    return { ...facts, status: 'interrupted', cause: 'Mission Control was stopped' }
  if (result.exitCode === 0) return { ...facts, status: 'ok' }
  const cause =
    result.signal === null ? `Exit code ${result.exitCode}` : `Ended by ${result.signal}`
  return { ...facts, status: 'failed', cause }
}

/**
 * Runs of a pickup that is gone are interrupted, and what is left of their programs is ended: by
 * pid only when the kernel says that it is still the same process.
 */
export const interruptLost = async (deps: DelegateDeps): Promise<Run[]> => {
  const { db, clock, log, workerId } = deps
  const delegation = createDelegation(db, clock, { configured: deps.command !== null })
  const lost = await delegation.interruptStale(workerId, await goneWorkers(deps))
  for (const run of lost) {
    log.warn({ runId: run.id, workerId: run.workerId }, 'Delegated run interrupted')
    if (run.pid === null || run.processStarted === null) continue
    if ((await processStarted(run.pid)) === run.processStarted) signalGroup(run.pid, 'SIGKILL')
  }
  return lost
}

/** Workers of this machine whose process is no more: no need to wait for their beat to grow old. */
const goneWorkers = async ({ db, workerId }: DelegateDeps): Promise<string[]> => {
  const rows = await db.kysely
    .selectFrom('runs')
    .innerJoin('workers', 'workers.id', 'runs.worker_id')
    .select(['workers.id', 'workers.pid', 'workers.host'])
    .where('runs.status', '=', 'running')
    .where('runs.trigger', '=', 'delegate')
    .where('workers.id', '<>', workerId)
    .execute()
  return rows.filter((row) => row.host === hostname() && !isAlive(row.pid)).map((row) => row.id)
}
