import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createAttachmentStore } from '@mc/core/attachments/store.ts'
import type { Clock } from '@mc/core/clock.ts'
import { type PriceList, priced } from '@mc/core/costs/prices.ts'
import { createDelegation, type Told } from '@mc/core/delegation/delegation.ts'
import type { WorkerFolders } from '@mc/core/delegation/folders.ts'
import { composeInput, contextOf } from '@mc/core/delegation/input.ts'
import { cancelCause } from '@mc/core/delegation/put-away.ts'
import type { Log } from '@mc/core/log.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import { groupWith, processStarted, signalGroup } from '@mc/core/runs/process.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type CommandResult, runCommand } from '@mc/core/runs/run-command.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns, RUN_BEAT_MS, type RunEnding } from '@mc/core/runs/runs.ts'
import { createCautiousRedactor } from '@mc/core/runs/withheld.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { shownCommand } from '@mc/core/worker-programs/command.ts'
import type { WorkerProgram } from '@mc/core/worker-programs/program.ts'
import { createShown, type WorkerEnd } from '@mc/core/worker-programs/reader.ts'
import type { Database } from '@mc/db/database.ts'

export type DelegateDeps = WorkerFolders & {
  db: Database
  clock: Clock
  log: Log
  workerId: string
  /** The worker program; null: none is configured. */
  program: WorkerProgram | null
  countMax: number
  timeoutMs: number
  /** The whole environment of the program, but for MC_TICKET and MC_RUN. */
  env: Record<string, string>
  /** To be hidden in its output. */
  secrets: readonly string[]
  /** Files with the house rules, ours and the person's; one that is not there says nothing. */
  rules: readonly string[]
  /** The data folder: attached files, and what is given as a file. */
  dataDir: string
  /** What models cost whose programs tell no price. */
  prices?: PriceList
  /** Where the whole output of each run is kept; without it only the ends are, in its row. */
  logs?: RunLogs
}

/** The end of a stopping pickup must not wait longer for a worker. */
const KILL_AFTER_MS = 3_000
/** What holds its output after it is gone is ended anyway. */
const DRAIN_MS = 500
/** Of what a worker said last. */
const RESULT_CHARS_MAX = 20_000
const CAUSE_CHARS_MAX = 300
/** Between two tries to note the end of a run; together about a quarter of an hour. */
const END_WAIT_MS = 200
const END_WAIT_MS_MAX = 5_000
const END_TRIES = 200
const END_TRIES_STOPPED = 3
/** What stands for the file with the ticket in an own command. */
const INPUT = '{input}'
/** Groups of processes that one run may have left behind. */
const GROUPS_MAX = 50

export const delegationOf = ({ db, clock, program, folder, folders }: DelegateDeps) =>
  createDelegation(db, clock, { configured: program !== null, folder, folders })

/**
 * Does a ticket that was taken, to its end, which is told. `stopped`: somebody cancelled it; the
 * other signal is pickup's own end.
 */
export const runTicket = async (
  deps: DelegateDeps,
  run: Run,
  signal: AbortSignal,
  stopped: AbortSignal = new AbortController().signal,
): Promise<Run | null> => {
  const { log, secrets } = deps
  const runs = createRuns(deps.db, deps.clock)
  // A beat that fails is followed by the next; until its end is noted the run is ours.
  const beat = setInterval(() => void runs.beat(deps.workerId).catch(() => {}), RUN_BEAT_MS)
  try {
    const { endingBy, told } = await attempt(deps, run, AbortSignal.any([signal, stopped]))
    const cancelled = stopped.aborted && !signal.aborted
    const ended = await persistently(deps, signal, async () => {
      const ending = endingBy(cancelled ? await whoCancelled(deps, run) : null)
      const cause = ending.cause ? causeText(ending.cause, secrets) : null
      return delegationOf(deps).end(run, { ...ending, cause }, told)
    })
    log.info({ runId: run.id, status: ended?.status }, 'Delegated run ended')
    return ended
  } finally {
    clearInterval(beat)
  }
}

type Attempt = { endingBy: (cancelledBy: string | null) => RunEnding; told?: Told }

/** What became of it; never throws. */
const attempt = async (deps: DelegateDeps, run: Run, signal: AbortSignal): Promise<Attempt> => {
  const { log } = deps
  try {
    const place = await delegationOf(deps).folderOf(run)
    if ('problem' in place)
      return { endingBy: () => ({ status: 'could_not_start', cause: place.problem }) }
    const ticket = await createTickets(deps.db, deps.clock).get(run.ticketId ?? 0)
    log.info({ runId: run.id, ticket: ticket.key }, 'Delegated run started')
    const { result, said } = await work(deps, run, place.path, ticket, signal)
    return { endingBy: (by) => endingOf(result, said, by), told: toldOf(deps, said) }
  } catch (error) {
    // Before or after the program, never of it: a disk that is full, a database that went away.
    log.error({ err: error, runId: run.id }, 'A delegated run could not be done')
    const cause = `It could not be prepared or ended: ${(error as Error).message}`
    return { endingBy: () => ({ status: 'could_not_start', cause }) }
  }
}

/** Again and again, so that a database that is away for a while takes no result with it. */
const persistently = async <T>(
  { clock, log }: DelegateDeps,
  signal: AbortSignal,
  end: () => Promise<T>,
): Promise<T> => {
  let waitMs = END_WAIT_MS
  for (let tries = 1; ; tries++) {
    try {
      return await end()
    } catch (error) {
      // A stopping pickup cannot wait; the next start finds the run and says that it is lost.
      if (tries >= (signal.aborted ? END_TRIES_STOPPED : END_TRIES)) throw error
      log.error({ err: error, tries }, 'The end of a delegated run could not be noted yet')
      await clock.sleep(waitMs, signal)
      waitMs = Math.min(2 * waitMs, END_WAIT_MS_MAX)
    }
  }
}

/** The program, from its input to its end with nothing of it left. */
const work = async (
  deps: DelegateDeps,
  run: Run,
  cwd: string,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<{ result: CommandResult; said: WorkerEnd }> => {
  const { db, clock, program, secrets } = deps
  if (!program) throw new Error('A run was taken without a program to do it')
  mkdirSync(deps.folder, { recursive: true })
  const runs = createRuns(db, clock)
  const input = await inputFor(deps, ticket)
  const file = program.argv.some((word) => word.includes(INPUT))
    ? keepInput(deps.dataDir, run.id, input)
    : null
  const argv = program.argv.map((word) => (file ? word.replaceAll(INPUT, file) : word))
  await runs.note(run.id, {
    command: JSON.stringify(shownCommand(argv, secrets)),
    cwd,
    attempts: 1,
    worker: program.name,
  })
  let noted: Promise<void> = Promise.resolve()
  const reader = program.reader()
  try {
    const result = await runCommand({
      argv,
      cwd,
      env: { ...deps.env, MC_TICKET: ticket.key, MC_RUN: run.id },
      input: file ? '' : input,
      timeoutMs: deps.timeoutMs,
      secrets,
      signal,
      killAfterMs: KILL_AFTER_MS,
      drainMs: DRAIN_MS,
      shown: createShown(reader),
      ...(deps.logs ? { log: deps.logs.open(run.id, { secrets }) } : {}),
      onStart: ({ pid }) => {
        // Without it a run cannot be reaped after a crash; the run itself goes on.
        noted = noteProcess(runs, run.id, pid).catch((error) =>
          deps.log.warn({ err: error }, 'Run not noted'),
        )
      },
    })
    await endWhatIsLeft(run.id)
    return { result, said: reader.end() }
  } finally {
    if (file) forgetInput(deps.dataDir, run.id)
    await noted
  }
}

const noteProcess = async (runs: ReturnType<typeof createRuns>, id: string, pid: number) =>
  runs.note(id, { pid, processStarted: await processStarted(pid) })

/** The ticket, what was done before it, and how one works here. */
const inputFor = async (deps: DelegateDeps, ticket: Ticket): Promise<string> => {
  const { path } = createAttachmentStore(deps.dataDir)
  const context = await contextOf(deps.db, deps.clock, ticket, path)
  return composeInput(ticket, { ...context, rules: deps.rules.map(readIfThere) })
}

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const inputFile = (dataDir: string, runId: string): string =>
  join(dataDir, 'run-inputs', `${runId}.md`)

/** Nothing happens when its program took the ticket from stdin. */
export const forgetInput = (dataDir: string, runId: string): void =>
  rmSync(inputFile(dataDir, runId), { force: true })

/** For its owner alone, and gone with the run. */
const keepInput = (dataDir: string, runId: string, input: string): string => {
  const file = inputFile(dataDir, runId)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, input, { mode: 0o600 })
  return file
}

/** Agent programs give each shell command a group of its own; all carry the run in their environment. */
export const endWhatIsLeft = async (runId: string): Promise<void> => {
  for (let count = 0; count < GROUPS_MAX; count++) {
    const group = await groupWith('MC_RUN', runId)
    if (!group || !signalGroup(group.pid, 'SIGKILL')) return
  }
}

const whoCancelled = async (deps: DelegateDeps, run: Run): Promise<string> =>
  (await createRuns(deps.db, deps.clock).get(run.id)).cancelAskedBy ?? 'somebody'

const toldOf = ({ secrets, prices = {} }: DelegateDeps, said: WorkerEnd): Told => {
  const text = said.result && createCautiousRedactor(secrets)(plainText(said.result)).trim()
  return {
    result: text
      ? text.length > RESULT_CHARS_MAX
        ? `${text.slice(0, RESULT_CHARS_MAX).toWellFormed()} […]`
        : text
      : null,
    usage: priced(said.usage, prices),
  }
}

/** Why it ended, in one short line: it may be the worker's own words, which are data. */
const causeText = (cause: string, secrets: readonly string[]): string => {
  const text = createCautiousRedactor(secrets)(plainText(cause)).replace(/\s+/g, ' ').trim()
  return text.length > CAUSE_CHARS_MAX
    ? `${text.slice(0, CAUSE_CHARS_MAX).toWellFormed()} […]`
    : text
}

/**
 * How a run ended, from how its program did and what it says itself. Pure. `cancelledBy`: who
 * asked to stop it, when that is why it was ended.
 */
export const endingOf = (
  result: CommandResult,
  { trouble }: Pick<WorkerEnd, 'trouble'>,
  cancelledBy: string | null = null,
): RunEnding => {
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
    return cancelledBy === null
      ? { ...facts, status: 'interrupted', cause: 'Mission Control was stopped' }
      : { ...facts, status: 'cancelled', cause: cancelCause(cancelledBy) }
  if (result.exitCode === 0 && trouble === null) return { ...facts, status: 'ok' }
  const code = result.signal === null ? `Exit code ${result.exitCode}` : `Ended by ${result.signal}`
  const cause = result.exitCode === 0 || trouble?.includes(': ') ? trouble : code
  return { ...facts, status: 'failed', cause }
}
