import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { lockTicket } from '../tickets/lock.ts'
import { parseTicketKey } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { HANDED_OVER } from '../trust/decide.ts'

/**
 * Takes back the tickets that Luci was given and has not heard of yet: their turns end, and they
 * are as if they had never been handed over, so that they are again once she may begin. In the
 * caller's transaction.
 */
export const takeBackFromLuci = async (
  tx: Database,
  clock: Clock,
  problem: string,
): Promise<void> => {
  const turns = await tx.kysely
    .updateTable('turns')
    .set({ state: 'interrupted', ended_at: isoTime(clock.now()), problem })
    .where('author', '=', HANDED_OVER)
    .where('state', '=', 'queued')
    .returning('text')
    .execute()
  const tickets = createTickets(tx, clock)
  for (const { text } of turns) {
    // The turn names its ticket first: see hand-over.ts.
    const id = parseTicketKey(/^Do (MC-\d+) /.exec(text)?.[1] ?? '')
    if (id === null) continue
    await lockTicket(tx, id)
    const ticket = await tickets.find(id)
    if (!ticket) continue
    await tx.kysely
      .updateTable('tickets')
      .set({ handed_at: null })
      .where('id', '=', ticket.id)
      .execute()
    if (ticket.status === 'doing') await tickets.move(ticket.id, 'todo', { actor: 'pickup' })
  }
}
