import type { Act } from '@mc/core/acts/act.ts'
import type { Edge } from '@mc/core/graph/dag.ts'
import type { Content, Step } from '@mc/core/proposals/proposal.ts'
import type { IconName } from '../frame/icons.ts'
import { type GraphNode, type GraphView, presentGraph } from '../graph/present.ts'
import { type Seen, stateOf } from '../tickets/state.ts'
import { stepTitle } from './edits.ts'

const doers: Record<string, { words: string; icon: IconName }> = {
  person: { words: 'You', icon: 'person' },
  luci: { words: 'Luci', icon: 'dot' },
  worker: { words: 'Worker', icon: 'play' },
}

const others: Record<Exclude<Step['do'], 'file'>, { words: string; icon: IconName }> = {
  delegate: { words: 'To a worker', icon: 'play' },
  close: { words: 'Close', icon: 'check' },
  alert: { words: 'Message to you', icon: 'alerts' },
}

/** Who does a step, or what it does, in a word and a sign. */
export const stepWords = (step: Step): { words: string; icon: IconName } =>
  step.do === 'file' ? (doers[step.does] ?? { words: '', icon: 'dot' }) : others[step.do]

export const ticketNode = (ticket: Seen): GraphNode => {
  const { label, icon, tone } = stateOf(ticket)
  return {
    id: ticket.key,
    href: `/tickets/${ticket.key}`,
    key: ticket.key,
    title: ticket.title,
    words: label,
    icon,
    tone,
  }
}

/**
 * What each step became: the ticket that was filed of it, or that it is about. A step that the
 * person added has no act; its ticket is known by its place, for they are filed in the order of
 * the steps. `filed`: those that came of the proposal, its parent not among them, oldest first.
 */
export const ticketsOfSteps = (
  acts: readonly Act[],
  tickets: ReadonlyMap<string, Seen>,
  accepted: Content | null = null,
  filed: readonly Seen[] = [],
): Map<string, Seen> => {
  const found = new Map<string, Seen>()
  const steps = accepted?.steps.filter((step) => step.do === 'file') ?? []
  if (steps.length === filed.length)
    for (const [at, { name }] of steps.entries()) {
      const ticket = filed[at]
      if (ticket) found.set(name, ticket)
    }
  for (const { step, ref } of acts) {
    const ticket = ref === null ? undefined : tickets.get(ref)
    if (step !== null && ticket) found.set(step, ticket)
  }
  return found
}

/**
 * The steps, the tickets they wait for, and what waits for what. What became a ticket shows the
 * ticket's state. `left`: the names of steps that are not chosen.
 */
export const drawProposal = (
  id: string,
  { title, steps }: Content,
  tickets: ReadonlyMap<string, Seen>,
  {
    became = new Map(),
    left = new Set(),
    href = '',
  }: {
    became?: ReadonlyMap<string, Seen>
    left?: ReadonlySet<string>
    /** The page its steps stand on; left out: this one. */
    href?: string
  } = {},
): GraphView | null => {
  // A ticket that a step is about stands for that step, and the step for it.
  const about = new Map(
    steps.flatMap((step) => ('ticket' in step ? [[step.ticket, step.name] as const] : [])),
  )
  const nodes = steps.map((step): GraphNode => {
    const ticket = became.get(step.name)
    if (ticket) return { ...ticketNode(ticket), id: step.name }
    const key = 'ticket' in step ? step.ticket : 'risk' in step ? `${step.risk} risk` : ''
    return {
      id: step.name,
      href: `${href}#step-${step.name}`,
      key,
      title:
        'ticket' in step ? (tickets.get(step.ticket)?.title ?? stepTitle(step)) : stepTitle(step),
      ...stepWords(step),
      ...(left.has(step.name)
        ? { words: 'Not chosen', icon: 'cross' as const, isFaint: true }
        : {}),
      tone: 'quiet',
    }
  })
  const known = new Set(steps.map(({ name }) => name))
  const edges: Edge[] = []
  for (const step of steps) {
    if (step.do !== 'file') continue
    for (const ref of step.after ?? []) {
      const from = about.get(ref) ?? ref
      edges.push({ from, to: step.name })
      const ticket = tickets.get(from)
      if (known.has(from) || !ticket) continue
      known.add(from)
      nodes.push(ticketNode(ticket))
    }
  }
  return presentGraph(`graph-${id}`, `What waits for what in “${title}”`, nodes, edges)
}
