import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { lockTicket } from '../tickets/lock.ts'
import { parseTicketKey } from '../tickets/ticket.ts'
import type { Content, Step } from './proposal.ts'

/** The numbers of the tickets that it hands to workers. */
export const handed = (content: Content): number[] => named(content, ['delegate'])

/**
 * Holds all tickets that it changes until the transaction ends, before any is changed. First the
 * names that who hands over a ticket takes before the ticket itself, and everything by number:
 * else two who name the same tickets would wait for each other.
 */
export const lockTickets = async (tx: Database, content: Content): Promise<void> => {
  for (const id of handed(content).toSorted(byNumber)) await lockName(tx, `delegate:${id}`)
  for (const id of named(content, ['delegate', 'close']).toSorted(byNumber))
    await lockTicket(tx, id)
}

const byNumber = (one: number, other: number): number => one - other

const named = ({ steps }: Content, verbs: readonly Step['do'][]): number[] => [
  ...new Set(
    steps.flatMap((step) =>
      'ticket' in step && verbs.includes(step.do) ? (parseTicketKey(step.ticket) ?? []) : [],
    ),
  ),
]
