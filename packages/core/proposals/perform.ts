import type { Database } from '@mc/db/database.ts'
import type { Before } from '../acts/act.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import type { Run } from '../runs/run.ts'
import { isClosed, parseTicketKey, type Ticket, type TicketStatus } from '../tickets/ticket.ts'
import { type Actor, createTickets, type Tickets } from '../tickets/tickets.ts'
import { isKey } from './check.ts'
import { lockTickets } from './lock-tickets.ts'
import type { Content, FileStep, Step } from './proposal.ts'
import { workedOn } from './worked-on.ts'

export type PerformDeps = {
  /** Who queues runs, as a part of this transaction. */
  delegation: (tx: Database) => {
    queue(
      ticketId: number,
      by: string,
      how?: { folder?: string; review?: boolean; lucis?: boolean },
    ): Promise<Run>
  }
  /** Whether there is a headless worker at all. */
  workers: boolean
  alerts: { repeatIntervalMs: number }
}

/** What came of a step: of an alert its number, else the ticket's key. */
export type Done = { ref: string; before: Before | null }
export type Performed = { done: Map<string, Done>; parent: Ticket | null }

type Order = {
  content: Content
  /** Null: it was called for directly. */
  proposalId: string | null
  itemId?: number | null
  by: Actor
  /** All that is filed is parked and nothing starts; only file steps then. */
  parked?: boolean
  /** What the steps were called as proposed: another is the person's own. Left out: all are hers. */
  titles?: ReadonlyMap<string, string>
  /** The folders that Luci named; left out: all of them. */
  lucisFolders?: ReadonlySet<string>
}

/**
 * Carries out the steps, in the caller's transaction: all of them or, when one throws, none. First
 * what is closed, then what is filed and its links, then what is handed to workers, then alerts.
 */
export const perform = async (
  tx: Database,
  clock: Clock,
  deps: PerformDeps,
  order: Order,
): Promise<Performed> => {
  const { content, by } = order
  await lockTickets(tx, content)
  const tickets = createTickets(tx, clock)
  const done = new Map<string, Done>()
  /** The tickets that steps stand for, by step and by key. */
  const standsFor = new Map<string, Ticket>()

  for (const step of content.steps)
    if (step.do === 'close') {
      const closed = await close(tx, tickets, step, by)
      standsFor.set(step.name, closed.ticket)
      done.set(step.name, closed.done)
    } else if (step.do === 'delegate')
      standsFor.set(step.name, await ticketOf(tickets, step.ticket))

  for (const key of keysIn(content)) standsFor.set(key, await ticketOf(tickets, key))

  const parent = await parentOf(tickets, order)
  for (const step of content.steps)
    if (step.do === 'file') {
      const ticket = await file(tickets, step, order, parent, standsFor)
      standsFor.set(step.name, ticket)
      done.set(step.name, { ref: ticket.key, before: null })
    }
  for (const step of content.steps)
    if (step.do === 'file') await draw(tickets, step, order, standsFor)

  for (const step of content.steps) {
    const ticket = standsFor.get(step.name)
    if (order.parked || !ticket) continue
    if (step.do === 'delegate' || (step.do === 'file' && step.does === 'worker'))
      done.set(step.name, await hand(tx, clock, deps, ticket, step, order))
    else if (step.do === 'file' && step.does === 'luci')
      done.set(step.name, { ref: ticket.key, before: { status: ticket.status } })
  }
  for (const step of content.steps)
    if (step.do === 'alert') {
      const { alert, status } = await createAlerts(tx, clock, deps.alerts).raise({
        fingerprint: `notify:luci:${step.title}`,
        kind: 'note',
        title: step.title,
        text: step.text ?? '',
        severity: step.severity ?? 'normal',
        ...(order.itemId ? { itemId: order.itemId } : {}),
      })
      const before = status === 'raised' ? null : ({ counted: true } as const)
      done.set(step.name, { ref: String(alert.id), before })
    }
  return { done, parent }
}

/** Who remarks what comes of an order and nobody wrote. */
const DESK: Actor = { actor: 'pickup' }

const idOf = (key: string): number => parseTicketKey(key) ?? 0

const ticketOf = (tickets: Tickets, key: string): Promise<Ticket> => tickets.get(idOf(key))

const keysIn = ({ steps }: Content): string[] => [
  ...new Set(steps.flatMap((step) => (step.do === 'file' ? (step.after ?? []).filter(isKey) : []))),
]

const close = async (
  tx: Database,
  tickets: Tickets,
  step: Extract<Step, { do: 'close' }>,
  by: Actor,
): Promise<{ ticket: Ticket; done: Done }> => {
  // Where it stood is what an undo goes back to; it is locked.
  const before = await ticketOf(tickets, step.ticket)
  if (step.why) await tickets.comment(before.id, step.why, { actor: 'luci', source: 'luci' })
  const { status, resolution } = step
  const run = (await workedOn(tx, [before.key])).get(before.key)
  const ticket = await tickets.change(
    before.id,
    { status, ...(resolution ? { resolution } : {}) },
    by,
  )
  return {
    ticket,
    done: {
      ref: ticket.key,
      before: {
        status: before.status,
        resolution: before.resolution,
        version: ticket.version,
        ...(run ? { run } : {}),
      },
    },
  }
}

/** The ticket that those filed become parts of; null: none. */
const parentOf = async (tickets: Tickets, order: Order): Promise<Ticket | null> => {
  const { parent, title, summary, steps } = order.content
  if (parent === undefined || !steps.some((step) => step.do === 'file')) return null
  if (parent !== 'new') return ticketOf(tickets, parent)
  return tickets.file(
    {
      title,
      ...(summary ? { body: summary } : {}),
      status: order.parked ? 'parked' : 'todo',
      ...proposalOf(order),
    },
    { ...order.by, source: 'luci' },
  )
}

const proposalOf = ({ proposalId }: Order) => (proposalId ? { proposalId } : {})

const file = (
  tickets: Tickets,
  step: FileStep,
  order: Order,
  parent: Ticket | null,
  standsFor: ReadonlyMap<string, Ticket>,
): Promise<Ticket> => {
  const { title, body, priority, labels, due, does, risk, folder, review } = step
  return tickets.file(
    {
      title,
      ...(body ? { body } : {}),
      ...(priority ? { priority } : {}),
      ...(labels ? { labels } : {}),
      ...(due ? { due } : {}),
      ...(parent ? { parentId: parent.id } : {}),
      does,
      risk,
      ...(folder ? { folder } : {}),
      ...(review === undefined ? {} : { review }),
      status: statusOf(step, order, standsFor),
      ...proposalOf(order),
    },
    isAdded(step, order) ? order.by : { ...order.by, source: 'luci' },
  )
}

/** Whoever accepted it wrote it. */
const isAdded = ({ name }: Step, { titles }: Order): boolean =>
  titles !== undefined && !titles.has(name)

/** Blocked while something it waits for is open: what is filed with it is, or a ticket there was. */
const statusOf = (
  step: FileStep,
  { content, parked }: Order,
  standsFor: ReadonlyMap<string, Ticket>,
): TicketStatus => {
  if (parked) return 'parked'
  const isOpen = (ref: string): boolean => {
    const ticket = standsFor.get(ref)
    if (ticket) return !isClosed(ticket.status)
    return content.steps.some(({ name, do: what }) => name === ref && what === 'file')
  }
  return (step.after ?? []).some(isOpen) ? 'blocked' : 'todo'
}

/** Its links; what it cannot wait for, since that is not there or never will be done, it says. */
const draw = async (
  tickets: Tickets,
  step: FileStep,
  { by, titles }: Order,
  standsFor: ReadonlyMap<string, Ticket>,
): Promise<void> => {
  const ticket = standsFor.get(step.name)
  if (!ticket) return
  for (const ref of step.after ?? []) {
    const other = standsFor.get(ref)
    if (other && other.status !== 'cancelled') await tickets.link(ticket.id, other.id, by)
    else
      await tickets.comment(
        ticket.id,
        other
          ? `It does not wait for ${other.key}, which is cancelled.`
          : `It does not wait for “${titles?.get(ref) ?? ref}”, which was proposed with it and not accepted.`,
        DESK,
      )
  }
}

/** Queued for a worker; without one to do it the ticket says so and waits where it is. */
const hand = async (
  tx: Database,
  clock: Clock,
  deps: PerformDeps,
  ticket: Ticket,
  { folder, review }: { folder?: string; review?: boolean },
  { by, lucisFolders }: Order,
): Promise<Done> => {
  const before: Before = { status: ticket.status }
  if (!deps.workers) {
    await createTickets(tx, clock).comment(
      ticket.id,
      'It is for a worker, and no worker is configured. Once one is (MC_WORKER_COMMAND, start again), have it done from this ticket.',
      DESK,
    )
    return { ref: ticket.key, before }
  }
  const run = await deps.delegation(tx).queue(ticket.id, by.actor, {
    // Hers, whoever accepted it: only where she may send a worker.
    ...(folder ? { folder, lucis: lucisFolders?.has(folder) ?? true } : {}),
    ...(review === undefined ? {} : { review }),
  })
  return { ref: ticket.key, before: { ...before, run: run.id } }
}
