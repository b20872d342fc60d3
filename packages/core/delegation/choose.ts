import type { TicketStatus } from '../tickets/ticket.ts'
import { overlap } from './folders.ts'

/** A run that waits for a worker. */
export type Waiting = {
  id: string
  /** With its links resolved. */
  folder: string
  ticketStatus: TicketStatus
  /** Whether something that its ticket waits for is not done. */
  isBlocked: boolean
}

export type Choice = {
  /** Whose ticket somebody put away meanwhile: they are not begun any more. */
  putAway: string[]
  /** The one to begin; null: none. */
  next: string | null
}

/** Where a ticket stands whose work may begin, or go on. */
export const begins: readonly TicketStatus[] = ['todo', 'doing', 'blocked']

/**
 * Which of those that wait, oldest first, begins next. What waits for another ticket is passed
 * over; what waits for a busy folder keeps those behind it out of that folder, so that it comes
 * to its turn.
 */
export const chooseNext = (
  waiting: readonly Waiting[],
  busyFolders: readonly string[],
  hasRoom: boolean,
): Choice => {
  const putAway = waiting.filter((run) => !begins.includes(run.ticketStatus))
  const taken = [...busyFolders]
  let next: string | null = null
  for (const run of waiting) {
    if (!hasRoom || next !== null) break
    if (run.isBlocked || putAway.includes(run)) continue
    if (taken.some((folder) => overlap(folder, run.folder))) taken.push(run.folder)
    else next = run.id
  }
  return { putAway: putAway.map(({ id }) => id), next }
}
