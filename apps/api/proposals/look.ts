import { namedTickets } from '@mc/core/proposals/check.ts'
import type { Content, Proposal } from '@mc/core/proposals/proposal.ts'
import { parseTicketKey } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { type Seen, withRuns } from '../tickets/state.ts'

/** The tickets of some proposals, by proposal; none for those of which nothing came. */
export const ticketsCameOf = async (
  tickets: Tickets,
  ids: readonly string[],
): Promise<Map<string, Seen[]>> => {
  const found = new Map<string, Seen[]>()
  if (ids.length === 0) return found
  for (const ticket of await withRuns(
    tickets,
    await tickets.list({ proposals: ids, limit: 500 }),
  )) {
    const id = ticket.proposalId ?? ''
    found.set(id, [...(found.get(id) ?? []), ticket])
  }
  return found
}

/** The tickets that a content names, and others by key. */
export const ticketsNamed = async (
  tickets: Tickets,
  content: Content,
  more: readonly (string | null)[] = [],
): Promise<Map<string, Seen>> => {
  const keys = [...namedTickets(content), ...more.filter((key) => key !== null)]
  const ids = keys.map(parseTicketKey).filter((id) => id !== null)
  if (ids.length === 0) return new Map()
  const found = await withRuns(tickets, await tickets.list({ ids: [...new Set(ids)], limit: 500 }))
  return new Map(found.map((ticket) => [ticket.key, ticket]))
}

/** The tickets that the steps of some proposals are about, by key. */
export const ticketsOfAll = async (
  tickets: Tickets,
  proposals: readonly Pick<Proposal, 'accepted' | 'content'>[],
): Promise<Map<string, { key: string; title: string }>> => {
  const keys = proposals.flatMap((one) =>
    (one.accepted ?? one.content).steps.flatMap((step) => ('ticket' in step ? [step.ticket] : [])),
  )
  const ids = [...new Set(keys)].map(parseTicketKey).filter((id) => id !== null)
  if (ids.length === 0) return new Map()
  return new Map((await tickets.list({ ids, limit: 500 })).map((one) => [one.key, one]))
}
