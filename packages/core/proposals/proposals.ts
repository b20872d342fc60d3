import type { Database } from '@mc/db/database.ts'
import type { Act } from '../acts/act.ts'
import { createActs } from '../acts/acts.ts'
import type { Clock } from '../clock.ts'
import { type NewTicket, type Ticket, toTicket } from '../tickets/ticket.ts'
import type { Tickets } from '../tickets/tickets.ts'
import type { Turn } from '../turns/turn.ts'
import { type Acceptance, accept, askChanges, park, refuse } from './decide.ts'
import { fileDirectly, wants } from './direct.ts'
import type { Content, Proposal, Step } from './proposal.ts'
import { type ProposeDeps, type ProposeOptions, propose } from './propose.ts'
import { findProposal, getProposal, listProposals, type ProposalFilter, undecided } from './rows.ts'
import { type TicketEdit, ticketEdits } from './ticket-edits.ts'
import { unlessGiven } from './unless-given.ts'
import { withdraw } from './withdraw.ts'

export type { Acceptance, ChangesAsked } from './decide.ts'
export type { Wanted } from './direct.ts'
export type { ProposeDeps, Proposed } from './propose.ts'

/**
 * A proposal with the record of its steps and the tickets that came of it, oldest first, and while
 * it waits with what was changed meanwhile on those that it hands to workers.
 */
export type ProposalStory = Proposal & {
  acts: Act[]
  tickets: Ticket[]
  ticketEdits: TicketEdit[]
}

/** What Luci proposes and what a person makes of it. See docs/proposals.md. */
export const createProposals = (db: Database, clock: Clock, deps: ProposeDeps) => ({
  /** Null when there is none. */
  find: (id: string): Promise<Proposal | null> => findProposal(db, id),

  /** Throws `not_found`. */
  get: (id: string): Promise<Proposal> => getProposal(db, id),

  /** Newest first. */
  list: (filter: ProposalFilter = {}): Promise<Proposal[]> => listProposals(db, filter),

  /** Throws `not_found`. */
  async story(id: string): Promise<ProposalStory> {
    const [proposal, acts, tickets] = await Promise.all([
      getProposal(db, id),
      createActs(db, clock).of(id),
      ticketsOf(db, id),
    ])
    const edits = undecided.includes(proposal.state) ? await ticketEdits(db, [proposal]) : null
    return { ...proposal, acts, tickets, ticketEdits: edits?.get(id) ?? [] }
  },

  /** See ticket-edits.ts; of those that wait. */
  ticketEdits: (proposals: readonly Proposal[]): Promise<Map<string, TicketEdit[]>> =>
    ticketEdits(
      db,
      proposals.filter(({ state }) => undecided.includes(state)),
    ),

  /** See propose.ts. */
  propose: (turn: Turn | null, content: Content, options?: ProposeOptions) =>
    propose(db, clock, deps, turn, content, options),

  /** See decide.ts. */
  accept: (id: string, acceptance: Acceptance) => accept(db, clock, deps, id, acceptance),
  park: (id: string, acceptance: Acceptance) => park(db, clock, deps, id, acceptance),
  refuse: (id: string, refusal: Parameters<typeof refuse>[3]) => refuse(db, clock, id, refusal),
  askChanges: (id: string, asked: Parameters<typeof askChanges>[3]) =>
    askChanges(db, clock, id, asked),

  /** See withdraw.ts. */
  withdraw: (turn: Turn | null, id: string, options?: { why?: string | undefined }) =>
    withdraw(db, clock, turn, id, options),

  /** See direct.ts. */
  wants: (turn: Turn, step: Step, options?: { item?: number | undefined }) =>
    wants(db, clock, deps, turn, step, options),
  /** See unless-given.ts. */
  unlessGiven: <T>(
    ticket: Pick<Ticket, 'id' | 'key'>,
    work: (tickets: Tickets) => Promise<T>,
    options?: { isTitle?: boolean },
  ): Promise<T> => unlessGiven(db, clock, ticket, work, options),
  fileDirectly: (turn: Turn, ticket: NewTicket) => fileDirectly(db, clock, turn, ticket),
})

export type Proposals = ReturnType<typeof createProposals>

const ticketsOf = async (db: Database, id: string): Promise<Ticket[]> => {
  const rows = await db.kysely
    .selectFrom('tickets')
    .selectAll()
    .where('proposal_id', '=', id)
    .orderBy('id')
    .execute()
  return rows.map(toTicket)
}
