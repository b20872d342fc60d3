import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createAttachmentStore } from '@mc/core/attachments/store.ts'
import type { Clock } from '@mc/core/clock.ts'
import { type PriceList, priced } from '@mc/core/costs/prices.ts'
import { createDelegation, type Told } from '@mc/core/delegation/delegation.ts'
import type { WorkerFolders } from '@mc/core/delegation/folders.ts'
import { composeInput, contextOf } from '@mc/core/delegation/input.ts'
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
  const { log } = deps
  const delegation = delegationOf(deps)
  try {
    const place = await delegation.folderOf(run)
    if ('problem' in place)
      return await delegation.end(run, { status: 'could_not_start', cause: place.problem })
    const ticket = await createTickets(deps.db, deps.clock).get(run.ticketId ?? 0)
    log.info({ runId: run.id, ticket: ticket.key }, 'Delegated run started')
    const { result, said } = await work(deps, run, ticket, AbortSignal.any([signal, stopped]))
    const cancelled = stopped.aborted && !signal.aborted
    const ending = endingOf(result, said, cancelled ? await whoCancelled(deps, run) : null)
    const ended = await delegation.end(run, ending, toldOf(deps, said))
    log.info({ runId: run.id, ticket: ticket.key, status: ended?.status }, 'Delegated run ended')
    return ended
  } catch (error) {
    // Before or after the program, never of it: a disk that is full, a database that went away.
    log.error({ err: error, runId: run.id }, 'A delegated run could not be done')
    const cause = `It could not be prepared or ended: ${(error as Error).message}`
    return delegation.end(run, { status: 'could_not_start', cause })
  }
}

/** The program, from its input to its end with nothing of it left. */
const work = async (
  deps: DelegateDeps,
  run: Run,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<{ result: CommandResult; said: WorkerEnd }> => {
  const { db, clock, program, secrets } = deps
  if (!program) throw new Error('A run was taken without a program to do it')
  const cwd = run.cwd ?? deps.folder
  mkdirSync(deps.folder, { recursive: true })
  const runs = createRuns(db, clock)
  const input = await inputFor(deps, ticket)
  const file = program.argv.some((word) => word.includes(INPUT))
    ? keepInput(deps.dataDir, run.id, input)
    : null
  const argv = program.argv.map((word) => (file ? word.replaceAll(INPUT, file) : word))
  await runs.note(run.id, {
    command: JSON.stringify(argv),
    cwd,
    attempts: 1,
    worker: program.name,
  })
  const beat = setInterval(() => void runs.beat(deps.workerId).catch(() => {}), RUN_BEAT_MS)
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
    clearInterval(beat)
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
  const text = said.result && plainText(createCautiousRedactor(secrets)(said.result)).trim()
  return {
    result: text
      ? text.length > RESULT_CHARS_MAX
        ? `${text.slice(0, RESULT_CHARS_MAX).toWellFormed()} […]`
        : text
      : null,
    usage: priced(said.usage, prices),
  }
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
      : { ...facts, status: 'cancelled', cause: `cancelled by ${cancelledBy}` }
  if (result.exitCode === 0 && trouble === null) return { ...facts, status: 'ok' }
  const code = result.signal === null ? `Exit code ${result.exitCode}` : `Ended by ${result.signal}`
  const cause = result.exitCode === 0 || trouble?.includes(': ') ? trouble : code
  return { ...facts, status: 'failed', cause }
}
