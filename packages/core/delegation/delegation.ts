import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Run, RunStatus } from '../runs/run.ts'
import { createRuns, type RunEnding } from '../runs/runs.ts'
import { isClosed, ticketKey } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'

/** Enough of the output to see how it ended; the run has the rest. */
const TAIL_CHARS = 2_000
/** What an inbox item tells of it. */
const EXCERPT_CHARS = 1_000

/** A ticket handed to a headless worker program, from the wish to the outcome. Pickup runs it. */
export const createDelegation = (
  db: Database,
  clock: Clock,
  { configured }: { configured: boolean },
) => {
  const end = (run: Run, ending: RunEnding, says: (run: Run) => string): Promise<Run | null> =>
    db.transaction(async (tx) => {
      const ended = await createRuns(tx, clock).end(run.id, ending)
      if (!ended || ended.ticketId === null) return ended
      const ok = ended.status === 'ok'
      const tickets = createTickets(tx, clock)
      const by = { actor: 'pickup' }
      const ticket = await tickets.get(ended.ticketId)
      await tickets.comment(ticket.id, says(ended), by)
      // A person may have moved it meanwhile; then it stays where they put it.
      if (ticket.status === 'doing') await tickets.move(ticket.id, ok ? 'review' : 'todo', by)
      await createInbox(tx, clock).post({
        source: 'pickup',
        sourceId: ticket.key,
        message: `${ticket.key} ${ticket.title}: the worker ${ok ? 'is done' : `ended ${ended.status}`}`,
        kind: itemKind(ended.status),
        priority: ok ? 'low' : 'normal',
        fingerprint: `delegated:${ticket.key}`,
        runId: ended.id,
        detail: {
          ticket: ticket.key,
          status: ended.status,
          exitCode: ended.exitCode,
          durationMs: ended.durationMs,
          cause: ended.cause,
          excerpt: (ended.output ?? '').slice(-EXCERPT_CHARS),
        },
      })
      return ended
    })

  return {
    /**
     * Queues a run of the worker command for a ticket, which goes to doing. Throws `unavailable`
     * when no worker is configured, `conflict` when the ticket is closed or already being done.
     */
    queue: async (ticketId: number, by: string): Promise<Run> => {
      if (!configured)
        throw new AppError('unavailable', 'No worker is configured that could do this', {
          hint: 'Set MC_WORKER_COMMAND to a headless program (for example "claude -p") and start again.',
        })
      return db.transaction(async (tx) => {
        await lockName(tx, `delegate:${ticketId}`)
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
        const run = await runs.begin({ ticketId, trigger: 'delegate', requestedBy: by })
        if (!run) throw new Error('A delegated run has no slot that could be taken')
        if (ticket.status !== 'doing') await tickets.move(ticketId, 'doing', { actor: by })
        return run
      })
    },

    /** Takes the oldest queued one, if fewer than `countMax` of this worker run. Null: nothing to do. */
    take: (workerId: string, countMax: number): Promise<Run | null> =>
      db.transaction(async (tx) => {
        await lockName(tx, 'delegate')
        const runs = createRuns(tx, clock)
        const open = (await runs.open()).filter((run) => run.trigger === 'delegate')
        const running = open.filter((run) => run.status === 'running' && run.workerId === workerId)
        const next = open.find((run) => run.status === 'queued')
        return next && running.length < countMax ? runs.start(next.id, workerId) : null
      }),

    /** Its outcome: the run ended, the ticket in review (ok) or back in todo, told in the inbox. */
    end: (run: Run, ending: RunEnding): Promise<Run | null> =>
      end(run, ending, (ended) => outcomeComment(ended)),

    /**
     * Runs whose pickup died (no beat for a minute, or one of `gone`): ended as interrupted and
     * told, never run again by themselves. Those of `workerId` are its own and alive.
     */
    async interruptStale(workerId: string, gone: readonly string[] = []): Promise<Run[]> {
      const runs = createRuns(db, clock)
      const old = new Set((await runs.stale()).map((run) => run.id))
      const stale = (await runs.open()).filter(
        (run) =>
          run.trigger === 'delegate' &&
          run.status === 'running' &&
          run.workerId !== workerId &&
          (old.has(run.id) || gone.includes(run.workerId ?? '')),
      )
      const ended: Run[] = []
      for (const run of stale) {
        const done = await end(
          run,
          { status: 'interrupted', cause: 'The pickup process that ran it is gone' },
          (over) =>
            `The worker was interrupted: the process that ran it is gone (run ${over.id}). It is not started again by itself; delegate it once more if it should be.`,
        )
        if (done) ended.push(done)
      }
      return ended
    },
  }
}

export type Delegation = ReturnType<typeof createDelegation>

const itemKind = (status: RunStatus) =>
  status === 'ok' || status === 'timeout' || status === 'interrupted' ? status : 'failed'

const outcomeComment = (run: Run): string => {
  const took = run.durationMs === null ? '' : ` after ${Math.round(run.durationMs / 1_000)} s`
  const what =
    run.status === 'ok'
      ? `The worker is done${took}.`
      : `The worker ended ${run.status}${took}: ${run.cause ?? 'no reason known'}.`
  const output = (run.output ?? '').trim()
  if (output === '') return `${what} It printed nothing. (Run ${run.id})`
  const tail = output.length > TAIL_CHARS ? `…${output.slice(-TAIL_CHARS)}` : output
  return `${what} Its output ended with (run ${run.id}):\n\n${fenced(tail)}`
}

/** A fence longer than any in the text, so that output cannot leave it. */
const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}

/** What the worker reads on its stdin. */
export const ticketAsMarkdown = (ticket: { id: number; title: string; body: string }): string =>
  `# ${ticketKey(ticket.id)}: ${ticket.title}\n\n${ticket.body}\n`
