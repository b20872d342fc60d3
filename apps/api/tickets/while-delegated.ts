import type { Proposals } from '@mc/core/proposals/proposals.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import type { Caller } from '../safety/caller.ts'

/** A person changes what they like; Luci nothing that a worker was given: see unless-given.ts. */
export const createChanging =
  ({ proposals, tickets }: { proposals: Proposals; tickets: Tickets }) =>
  <T>(
    { kind }: Caller,
    ticket: Pick<Ticket, 'id' | 'key'>,
    work: (tickets: Tickets) => Promise<T>,
    options?: { isTitle?: boolean },
  ): Promise<T> =>
    kind === 'agent' ? proposals.unlessGiven(ticket, work, options) : work(tickets)
