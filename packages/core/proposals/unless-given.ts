import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { lockTicket } from '../tickets/lock.ts'
import type { Ticket } from '../tickets/ticket.ts'
import { createTickets, type Tickets } from '../tickets/tickets.ts'
import { runToldOf, workedOn } from './worked-on.ts'

/**
 * Does what would change the orders of a ticket's worker, or keep it from them, unless one was
 * given it: a person said yes to the ticket as it was, so then it throws `forbidden`. The look and
 * the work are one transaction, and who hands a ticket to a worker locks it too. `isTitle`: other
 * tickets' workers are told this one's title as well.
 */
export const unlessGiven = <T>(
  db: Database,
  clock: Clock,
  { id, key }: Pick<Ticket, 'id' | 'key'>,
  work: (tickets: Tickets) => Promise<T>,
  { isTitle = false }: { isTitle?: boolean } = {},
): Promise<T> =>
  db.transaction(async (tx) => {
    await lockTicket(tx, id)
    const run = isTitle ? await runToldOf(tx, id) : (await workedOn(tx, [key])).get(key)
    if (!run) return work(createTickets(tx, clock))
    throw new AppError('forbidden', `A worker was given ${key} as it is (run ${run})`, {
      hint: 'Comment on it; once the run has ended, or the person has cancelled it, it can be changed.',
    })
  })
