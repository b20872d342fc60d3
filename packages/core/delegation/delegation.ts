import { resolve } from 'node:path'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import { countUsage } from '../costs/count.ts'
import type { Usage } from '../costs/usage.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import { isProposedFolder } from '../proposals/folders.ts'
import { isOpenRun, type Run } from '../runs/run.ts'
import { createRuns, type RunEnding } from '../runs/runs.ts'
import { lockTicket } from '../tickets/lock.ts'
import { isClosed, type Ticket, type TicketStatus } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { begins, chooseNext } from './choose.ts'
import { findFolder, leadsElsewhere, realPath, type WorkerFolders } from './folders.ts'
import { outcomeComment } from './outcome.ts'
import { outcomeItem } from './outcome-item.ts'
import { cancelCause, PUT_AWAY } from './put-away.ts'
import * as waiting from './waiting.ts'
import type { Wish } from './wish.ts'

export type DelegationOptions = {
  /** Whether there is a worker program at all. */
  configured: boolean
} & Partial<WorkerFolders>

/** What a worker said and used, as far as its program tells. */
export type Told = { result: string | null; usage: Usage }

/** Runs that nobody runs any more: how they are known, and what comes before they are given up. */
export type Lost = {
  /** Pickups that are known to have died. */
  gone?: readonly string[]
  /** What the asking pickup has in hand; of its own, all else is lost. Left out: all of its own live. */
  inHand?: ReadonlySet<string>
  /** Ends what is left of its program; only then may another begin in its folder. */
  kill?: (run: Run) => Promise<void>
}

/** A ticket handed to a headless worker program, from the wish to the outcome. Pickup runs it. */
export const createDelegation = (
  db: Database,
  clock: Clock,
  { configured, folder = process.cwd(), folders = [folder] }: DelegationOptions,
) => {
  const places: WorkerFolders = { folder, folders }

  /** Ends a run and tells it: on its ticket, in the inbox, in the sum of the day. */
  const end = (run: Run, ending: RunEnding, told?: Told): Promise<Run | null> =>
    db.transaction(async (tx) => {
      const runs = createRuns(tx, clock)
      if (run.ticketId !== null) await lockTicket(tx, run.ticketId)
      const over = await runs.end(run.id, ending)
      if (!over || over.ticketId === null) return over
      const ended = told ? await runs.told(over.id, told.result, told.usage) : over
      if (told) await countUsage(tx, clock, 'worker', told.usage)
      const tickets = createTickets(tx, clock)
      const by = { actor: 'pickup' }
      const ticket = await tickets.get(over.ticketId)
      await tickets.comment(ticket.id, outcomeComment(ended), by)
      const to = whereTo(ended)
      // A person may have moved it meanwhile; then it stays where they put it.
      const isOurs = ticket.status === 'doing' || ticket.status === 'blocked'
      if (isOurs)
        await tickets.change(
          ticket.id,
          { status: to, ...(to === 'done' ? { resolution: 'fixed' } : {}) },
          by,
        )
      await createInbox(tx, clock).post(
        await outcomeItem(tx, clock, ticket, ended, isOurs ? to : ticket.status),
      )
      return ended
    })

  /** Whether Luci chose the folder: then it must be one that is open to her. */
  const isLucis = async (
    tx: Database,
    { proposalId, folder: proposed }: Ticket,
    by: string | null,
    named: string | null,
  ): Promise<boolean> => {
    if (by === 'luci') return true
    if (proposalId === null || named === null || proposed === null) return false
    if (resolve(folder, named) !== resolve(folder, proposed)) return false
    return isProposedFolder(tx, proposalId, proposed)
  }

  const queue = async (
    ticketId: number,
    by: string,
    wish: Wish & { retryOf?: string; lucis?: boolean } = {},
  ): Promise<Run> => {
    if (!configured)
      throw new AppError('unavailable', 'No worker is configured that could do this', {
        hint: 'Set MC_WORKER_COMMAND to claude, codex, opencode, gemini or another headless program and start again.',
      })
    return db.transaction(async (tx) => {
      await lockName(tx, `delegate:${ticketId}`)
      await lockTicket(tx, ticketId)
      const tickets = createTickets(tx, clock)
      const ticket = await tickets.get(ticketId)
      if (isClosed(ticket.status))
        throw new AppError('conflict', `${ticket.key} is ${ticket.status}`, {
          hint: 'Move it back to todo first.',
        })
      const runs = createRuns(tx, clock)
      const [open] = await runs.open({ ticket: ticketId })
      if (open)
        throw new AppError('conflict', `${ticket.key} is already being done (run ${open.id})`)
      const isBlocked = (await tickets.blockers(ticketId)).some(({ status }) => status !== 'done')
      const named = wish.folder ?? ticket.folder
      const found = findFolder(named, places, {
        lucis:
          (wish.lucis ?? (await isLucis(tx, ticket, by, named))) ||
          // Tried again: what was a folder then may lead elsewhere by now.
          (wish.retryOf !== undefined && named !== null && leadsElsewhere(named)),
        mayCome: isBlocked,
      })
      if ('problem' in found)
        throw new AppError('invalid', found.problem, found.hint ? { hint: found.hint } : {})
      const run = await runs.begin({ ticketId, trigger: 'delegate', requestedBy: by })
      if (!run) throw new Error('A delegated run has no slot that could be taken')
      const status = isBlocked ? 'blocked' : 'doing'
      if (ticket.status !== status) await tickets.move(ticketId, status, { actor: by })
      return runs.plan(run.id, {
        folder: found.path,
        review: wish.review ?? ticket.review ?? ticket.risk !== 'low',
        retryOf: wish.retryOf ?? null,
      })
    })
  }

  const ofTicket = async (tx: Database, runId: string): Promise<Run> => {
    const run = await createRuns(tx, clock).get(runId)
    if (run.trigger === 'delegate' && run.ticketId !== null) return run
    throw new AppError('conflict', `Run ${runId} is no worker's: it is of a scheduled task`, {
      hint: 'Only work on a ticket is cancelled and retried here.',
    })
  }

  const endQueued = (runId: string, cause: string): Promise<Run | null> =>
    db.transaction(async (tx) => {
      // Whoever is about to take it waits, or has taken it.
      await lockName(tx, 'delegate')
      const run = await createRuns(tx, clock).get(runId)
      if (run.status !== 'queued') return null
      return createDelegation(tx, clock, { configured, ...places }).end(run, {
        status: 'cancelled',
        cause,
      })
    })

  const askTo = (runId: string, by: string) => createRuns(db, clock).askToCancel(runId, by)

  return {
    /**
     * Queues a run of the worker program for a ticket, which goes to doing, or to blocked while
     * what it waits for is not done. Throws `unavailable` when no worker is configured, `conflict`
     * when the ticket is closed or already being done, `invalid` for a folder that cannot be.
     */
    queue,

    /**
     * Takes the oldest queued one that may begin, if fewer than `countMax` of this worker run.
     * Null: none may. Of those whose ticket was put away meanwhile it says so. `held` is asked in
     * the transaction: whoever pauses takes the same lock, and nothing begins after them.
     */
    async take(
      workerId: string,
      countMax: number,
      held?: (on: Database) => Promise<unknown>,
    ): Promise<Run | null> {
      const choose = async (on: Database) => {
        const queued = await waiting.queued(on)
        if (queued.length === 0) return null
        const running = await waiting.running(on)
        const own = running.filter((run) => run.worker_id === workerId)
        return chooseNext(
          queued.map((run) => ({
            id: run.id,
            folder: realPath(run.cwd ?? folder),
            ticketStatus: run.ticket_status as TicketStatus,
            isBlocked: Number(run.blocked) > 0,
          })),
          running.map((run) => realPath(run.cwd ?? folder)),
          own.length < countMax,
        )
      }
      // Looked at first: who only listens must not wait for who writes.
      const chosen = await choose(db)
      for (const id of chosen?.putAway ?? []) await endQueued(id, PUT_AWAY)
      if (!chosen?.next) return null
      return db.transaction(async (tx) => {
        await lockName(tx, 'delegate')
        if (await held?.(tx)) return null
        const next = (await choose(tx))?.next
        if (!next) return null
        const runs = createRuns(tx, clock)
        const { ticketId } = await runs.get(next)
        if (ticketId === null) return null
        await lockTicket(tx, ticketId)
        const tickets = createTickets(tx, clock)
        const { status } = await tickets.get(ticketId)
        // Put away just now: the next look says so.
        if (!begins.includes(status)) return null
        const taken = await runs.start(next, workerId)
        if (taken && status !== 'doing') await tickets.move(ticketId, 'doing', { actor: 'pickup' })
        return taken
      })
    },

    /**
     * The folder of a run that begins, with its links resolved, or why it cannot be. It was
     * resolved when it was asked for: what leads elsewhere by now is nobody's wish, and must be
     * where Luci may send a worker.
     */
    async folderOf(run: Run): Promise<ReturnType<typeof findFolder>> {
      const ticket = await createTickets(db, clock).get(run.ticketId ?? 0)
      const lucis =
        (await isLucis(db, ticket, run.requestedBy, run.cwd)) ||
        (run.cwd !== null && leadsElsewhere(run.cwd))
      return findFolder(run.cwd, places, { lucis })
    },

    /**
     * Its outcome: the run ended, the ticket in review or done (ok) or back in todo, told in the
     * inbox, what it used counted. Null when it had ended already.
     */
    end,

    /**
     * Stops a run: a queued one at once, a running one as soon as its pickup hears of it. Throws
     * `conflict` when it has ended.
     */
    cancel: async (runId: string, by: string): Promise<Run> => {
      const run = await ofTicket(db, runId)
      const cause = cancelCause(by)
      // Between the look and the act somebody may have begun it.
      const stopped =
        (run.status === 'queued' ? await endQueued(runId, cause) : null) ?? (await askTo(runId, by))
      if (stopped) return stopped
      throw new AppError(
        'conflict',
        `Run ${runId} has ended: ${(await ofTicket(db, runId)).status}`,
      )
    },

    /**
     * Another try of a run that has ended, in the same folder. Throws `conflict` while it or
     * another of its ticket is open.
     */
    retry: async (runId: string, by: string): Promise<Run> => {
      const run = await ofTicket(db, runId)
      if (isOpenRun(run.status))
        throw new AppError('conflict', `Run ${runId} is ${run.status}`, {
          hint: 'Cancel it first, or wait for its end.',
        })
      return queue(run.ticketId ?? 0, by, {
        ...(run.cwd === null ? {} : { folder: run.cwd }),
        ...(run.review === null ? {} : { review: run.review }),
        retryOf: run.id,
      })
    },

    /**
     * Runs whose pickup died (no beat for a minute, or one of `gone`), or that `workerId` itself
     * has not in hand: what is left of them is killed first, then they are ended as interrupted
     * and told, never run again by themselves.
     */
    async interruptStale(workerId: string, { gone = [], inHand, kill }: Lost = {}): Promise<Run[]> {
      const runs = createRuns(db, clock)
      const old = new Set((await runs.stale()).map((run) => run.id))
      const stale = (await runs.open()).filter(
        (run) =>
          run.trigger === 'delegate' &&
          run.status === 'running' &&
          (run.workerId === workerId
            ? inHand !== undefined && !inHand.has(run.id)
            : old.has(run.id) || gone.includes(run.workerId ?? '')),
      )
      const ended: Run[] = []
      for (const run of stale) {
        await kill?.(run)
        const done = await end(
          run,
          run.cancelAskedAt === null
            ? { status: 'interrupted', cause: run.workerId === workerId ? LOST : GONE }
            : { status: 'cancelled', cause: cancelCause(run.cancelAskedBy) },
        )
        if (done) ended.push(done)
      }
      return ended
    },
  }
}

export type Delegation = ReturnType<typeof createDelegation>

/** Where its ticket goes. A run of before this was asked waits in review. */
const whereTo = (run: Run): TicketStatus =>
  run.status === 'ok' ? (run.review === false ? 'done' : 'review') : 'todo'

const GONE = 'The pickup process that ran it is gone'
const LOST = 'How it ended could not be written down, and is lost'
