import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import type { ItemKind } from '../inbox/item.ts'
import type { Run, RunStatus } from '../runs/run.ts'
import { createRuns } from '../runs/runs.ts'
import type { Ticket, TicketStatus } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { excerptOf, itemWords, troubleLines } from './item-words.ts'

/** Failures in a row are counted no further. */
const FAILURES_COUNTED_MAX = 20

/** What the inbox is told of a worker's run that has ended; `to`: where its ticket stands now. */
export const outcomeItem = async (
  tx: Database,
  clock: Clock,
  ticket: Ticket,
  run: Run,
  to: TicketStatus,
) => {
  const isQuiet = run.status === 'ok' || run.status === 'cancelled'
  return {
    source: 'pickup',
    sourceId: ticket.key,
    message: [
      `${ticket.key} ${ticket.title}: ${itemWords(run)}`,
      ...(isQuiet ? [] : troubleLines(run, await createTickets(tx, clock).blocking(ticket.id))),
    ].join('\n'),
    kind: itemKind(run.status),
    priority: isQuiet ? 'low' : 'normal',
    fingerprint: fingerprintOf(ticket),
    runId: run.id,
    detail: {
      ticket: ticket.key,
      ticketStatus: to,
      status: run.status,
      exitCode: run.exitCode,
      durationMs: run.durationMs,
      cause: run.cause,
      excerpt: excerptOf(run),
      tokensIn: run.tokensIn,
      tokensOut: run.tokensOut,
      costUsd: run.costUsd,
      ...(run.status === 'ok' ? await recoveryOf(tx, clock, ticket, run) : {}),
    },
  } as const
}

/** Everything that a worker does of one ticket is one trouble. */
const fingerprintOf = ({ key }: Ticket): string => `delegated:${key}`

const itemKind = (status: RunStatus): ItemKind => {
  if (status === 'cancelled') return 'note'
  return status === 'ok' || status === 'timeout' || status === 'interrupted' ? status : 'failed'
}

/** That it had failed before, so that what was told of it ends. */
const recoveryOf = async (tx: Database, clock: Clock, ticket: Ticket, run: Run) => {
  const before = await createRuns(tx, clock).list({
    ticket: ticket.id,
    before: run.seq,
    limit: FAILURES_COUNTED_MAX,
  })
  const lastOk = before.findIndex(({ status }) => status === 'ok')
  const failed = before
    .slice(0, lastOk === -1 ? before.length : lastOk)
    .filter(({ status }) => status !== 'cancelled')
  if (failed.length === 0) return {}
  const since = failed.at(-1)?.endedAt ?? null
  return { recoveredFrom: { fingerprint: fingerprintOf(ticket), failures: failed.length, since } }
}
