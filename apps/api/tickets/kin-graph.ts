import type { Edge } from '@mc/core/graph/dag.ts'
import { type Ticket, ticketKey } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { type GraphView, presentGraph } from '../graph/present.ts'
import { ticketNode } from '../proposals/drawing.ts'
import { withRuns } from './state.ts'

/** More than this is for the board. */
const DRAWN_MAX = 60
/** A chain that is longer is followed on the tickets themselves. */
const STEPS_BACK_MAX = 6
const CHAIN_MAX = 24
/** Two that wait for each other need no drawing: the list beside says it. */
const CHAIN_MIN = 3

/**
 * A ticket's parts and what they wait for; of one without parts, the way of tickets that leads to
 * it and what it holds up. Null when no drawing says more than the lists do; nothing is read then.
 */
export const drawKin = async (
  tickets: Tickets,
  ticket: Ticket,
  {
    parts,
    blockers,
    blocking,
  }: { parts: readonly Ticket[]; blockers: readonly Ticket[]; blocking: readonly Ticket[] },
): Promise<GraphView | null> => {
  if (parts.length > 0) return drawParts(tickets, ticket, parts)
  if (blockers.length === 0 && blocking.length === 0) return null
  const found = new Map([ticket, ...blockers, ...blocking].map((one) => [one.id, one]))
  const edges: Edge[] = [
    ...blockers.map((one) => ({ from: one.key, to: ticket.key })),
    ...blocking.map((one) => ({ from: ticket.key, to: one.key })),
  ]
  let edge = blockers.map(({ id }) => id)
  for (let step = 0; step < STEPS_BACK_MAX && edge.length > 0 && found.size < CHAIN_MAX; step++) {
    const links = await tickets.waits(edge)
    edges.push(...links.map(toEdge))
    const news = [...new Set(links.map(({ blockedBy }) => blockedBy))].filter(
      (id) => !found.has(id),
    )
    edge = news.slice(0, CHAIN_MAX - found.size)
    if (edge.length > 0)
      for (const one of await tickets.list({ ids: edge, limit: CHAIN_MAX })) found.set(one.id, one)
  }
  if (found.size < CHAIN_MIN) return null
  return draw(
    tickets,
    ticket,
    `What waits for what around ${ticket.key}`,
    [...found.values()],
    edges,
  )
}

const drawParts = async (
  tickets: Tickets,
  ticket: Ticket,
  parts: readonly Ticket[],
): Promise<GraphView | null> => {
  const shown = [...parts].sort((a, b) => a.id - b.id).slice(0, DRAWN_MAX)
  const links = await tickets.waits(shown.map(({ id }) => id))
  if (links.length === 0) return null
  const known = new Set(shown.map(({ id }) => id))
  const outside = [...new Set(links.map(({ blockedBy }) => blockedBy))]
    .filter((id) => !known.has(id))
    .slice(0, DRAWN_MAX - shown.length)
  const others = outside.length > 0 ? await tickets.list({ ids: outside, limit: DRAWN_MAX }) : []
  return draw(
    tickets,
    ticket,
    `The parts of ${ticket.key}, and what waits for what`,
    [...shown, ...others],
    links.map(toEdge),
  )
}

const toEdge = ({ id, blockedBy }: { id: number; blockedBy: number }): Edge => ({
  from: ticketKey(blockedBy),
  to: ticketKey(id),
})

const draw = async (
  tickets: Tickets,
  { key }: Ticket,
  label: string,
  shown: readonly Ticket[],
  edges: readonly Edge[],
): Promise<GraphView | null> =>
  presentGraph(
    `graph-${key}`,
    label,
    (await withRuns(tickets, shown)).map((one) => ({
      ...ticketNode(one),
      isHere: one.key === key,
    })),
    edges,
  )
