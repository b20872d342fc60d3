import type { Proposals } from '@mc/core/proposals/proposals.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { ticketsCameOf, ticketsOfAll } from './look.ts'
import { type ProposalView, presentProposal } from './present.ts'

/** What was proposed in these turns, by turn, oldest first. */
export const createProposalCards =
  (proposals: Proposals, tickets: Tickets) =>
  async (turns: readonly string[]): Promise<Map<string, ProposalView[]>> => {
    const cards = new Map<string, ProposalView[]>()
    if (turns.length === 0) return cards
    const found = (await proposals.list({ turns, limit: 100 })).reverse()
    const came = await ticketsCameOf(
      tickets,
      found.map(({ id }) => id),
    )
    const named = await ticketsOfAll(tickets, found)
    const edits = await proposals.ticketEdits(found)
    for (const proposal of found) {
      const turn = proposal.turnId ?? ''
      const view = presentProposal(proposal, came.get(proposal.id) ?? [], {
        about: named,
        edits: edits.get(proposal.id) ?? [],
      })
      cards.set(turn, [...(cards.get(turn) ?? []), view])
    }
    return cards
  }

export type ProposalCards = ReturnType<typeof createProposalCards>
