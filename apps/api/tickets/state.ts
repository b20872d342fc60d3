import type { RunStatus } from '@mc/core/runs/run.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { statusWords } from '../board/present.ts'
import type { Words } from '../frame/outcome-words.ts'
import { runWords } from './present.ts'

/** A ticket with how its last worker's run goes or ended. */
export type Seen<T = Ticket> = T & { lastRun?: RunStatus | undefined }

export const withRuns = async (tickets: Tickets, some: readonly Ticket[]): Promise<Seen[]> => {
  const runs = await tickets.lastRuns(some.map(({ id }) => id))
  return some.map((ticket) => ({ ...ticket, lastRun: runs.get(ticket.id) }))
}

const wentWell: readonly RunStatus[] = ['ok', 'queued', 'running', 'cancelled']

/**
 * A ticket's state as a person understands it: handed to a worker that has not begun it waits to
 * start, and back on the board after one that failed it failed, until somebody takes it up.
 */
export const stateOf = ({ status, lastRun }: Seen<Pick<Ticket, 'status'>>): Words => {
  if (lastRun === 'queued' && status === 'doing') return runWords.queued
  const isBack = status === 'todo' || status === 'blocked' || status === 'parked'
  if (isBack && lastRun && !wentWell.includes(lastRun))
    return { label: 'Failed', icon: 'cross', tone: 'bad' }
  return statusWords[status]
}
