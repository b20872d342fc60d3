import { createAlerts, type Raised } from '@mc/core/alerts/alerts.ts'
import { isoTime } from '@mc/core/clock.ts'
import type { Item, VerdictAction } from '@mc/core/inbox/item.ts'
import { parseTicketKey, type Ticket } from '@mc/core/tickets/ticket.ts'
import { createTickets, type Filed, type Tickets } from '@mc/core/tickets/tickets.ts'
import { fingerprintFor, isFailureKind, outcomeOf } from '@mc/core/triage/outcome.ts'
import { IN_A_ROW } from '@mc/core/triage/rules.ts'
import { standingAlert, standingTicket } from '@mc/core/triage/standing.ts'
import { streakOf } from '@mc/core/triage/streak.ts'
import { flappingTrouble, type Trouble, taskTrouble } from '@mc/core/triage/trouble.ts'
import { type Effect, effectsOf } from '@mc/core/triage/verdict.ts'
import type { Database } from '@mc/db/database.ts'
import { type Begun, endWhatIsOver } from './already-over.ts'
import type { Desk } from './desk.ts'
import { tellOfRecovery } from './recovery.ts'
import { listOfRefused } from './refused.ts'
import { alertText, ticketBody, titleOf } from './wording.ts'

/** What becomes of an item, by whom (`rule:<name>`, `luci`, `person`, `fallback`) and why. */
export type Decision = {
  action: VerdictAction
  decidedBy: string
  reason: string
  /** What the item is a part of, when a rule saw that it is more than itself. */
  trouble?: Trouble
}

/**
 * Does what the decision says, in the caller's transaction: each effect once per item, whoever
 * did it before (the scheduler may have told it already).
 */
export const perform = async (
  tx: Database,
  desk: Desk,
  item: Item,
  decision: Decision,
): Promise<void> => {
  const done = await doneFor(tx, item)
  const wanted = effectsOf(decision.action)
  let ticketId = done.has('ticket') ? Number(done.get('ticket')) : undefined
  const begun: Begun = {}
  if (wanted.includes('ticket') && ticketId === undefined) {
    const { status, ticket } = await fileTicket(tx, desk, item, decision)
    ticketId = ticket.id
    if (status === 'filed' || status === 'reopened') begun.ticketId = ticketId
    await note(tx, desk, item, { effect: 'ticket', ref: ticketId, how: status })
  }
  if (wanted.includes('alert') && !done.has('alert')) {
    const { status, alert } = await raiseAlert(tx, desk, item, decision, ticketId)
    if (status === 'raised') begun.alert = alert
    await note(tx, desk, item, { effect: 'alert', ref: alert.id, how: status })
  }
  if (item.kind === 'ok') await tellOfRecovery(tx, desk, item, decision)
  else await endWhatIsOver(tx, desk, item, begun)
}

const doneFor = async (tx: Database, item: Item): Promise<Map<string, string>> => {
  const rows = await tx.kysely
    .selectFrom('effects')
    .select(['effect', 'ref'])
    .where('item_id', '=', item.id)
    .execute()
  return new Map(rows.map((row) => [row.effect, row.ref]))
}

type Noted = { effect: Effect; ref: number; how: string }

const note = (tx: Database, desk: Desk, item: Item, { effect, ref, how }: Noted) =>
  tx.kysely
    .insertInto('effects')
    .values({ item_id: item.id, effect, ref: String(ref), at: isoTime(desk.clock.now()), how })
    .execute()

const fileTicket = async (
  tx: Database,
  desk: Desk,
  item: Item,
  decision: Decision,
): Promise<Filed> => {
  const tickets = createTickets(tx, desk.clock)
  const delegated = await delegatedTicket(tickets, item)
  if (delegated) {
    const by = { actor: actorOf(decision) }
    await tickets.comment(delegated.id, delegatedWords(item, decision.reason), by)
    return { status: 'counted', ticket: delegated }
  }
  const { trouble } = decision
  const own = trouble?.fingerprint ?? ticketFingerprint(item)
  const fingerprint = await standingTicket(tx, tickets, own, await ticketsFor(tx, item))
  return tickets.fileOnce(
    {
      title: trouble?.title ?? titleOf(item),
      words: titleOf(item),
      body: ticketBody(item, decision.reason),
      priority: item.priority === 'critical' ? 'critical' : 'normal',
      fingerprint,
    },
    { actor: actorOf(decision), source: 'pickup' },
  )
}

/** What a worker did not do has a ticket: the one it was asked to do. Null for anything else. */
const delegatedTicket = async (tickets: Tickets, item: Item): Promise<Ticket | null> => {
  if (item.source !== 'pickup') return null
  const id = parseTicketKey(outcomeOf(item).ticket ?? '')
  return id === null ? null : tickets.find(id)
}

const delegatedWords = (item: Item, reason: string): string =>
  `It came through the inbox as [item ${item.id}](/inbox/${item.id}). ${reason}.`

/** A task that fails now this way, now that way is one trouble under the task's own name. */
const ticketFingerprint = (item: Item): string => {
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  const mixed = consecutiveFailures >= IN_A_ROW && sameFingerprint < IN_A_ROW
  return (mixed ? taskTrouble(item) : null) ?? fingerprintFor(item)
}

/** Where an open ticket about the same may stand: what fails is one trouble under all its names. */
const ticketsFor = async (tx: Database, item: Item): Promise<string[]> => {
  const own = fingerprintFor(item)
  if (!isFailureKind(item.kind) || item.kind === 'auth') return [own]
  return [...(await streakOf(tx, item, own)), flappingTrouble(item).fingerprint]
}

const raiseAlert = async (
  tx: Database,
  desk: Desk,
  item: Item,
  decision: Decision,
  ticketId: number | undefined,
): Promise<Raised> => {
  const alerts = createAlerts(tx, desk.clock, desk.triage)
  const title = decision.trouble?.title ?? titleOf(item)
  const text = alertText(item, decision.reason, title)
  const raised = await alerts.raise({
    fingerprint: decision.trouble?.fingerprint ?? (await alertFingerprint(tx, item)),
    severity: item.kind === 'auth' || item.priority === 'critical' ? 'critical' : 'normal',
    kind: item.kind ?? 'note',
    title,
    text,
    itemId: item.id,
    ...(ticketId === undefined ? {} : { ticketId }),
  })
  if (item.kind !== 'auth') return raised
  // Raising holds the lock on this alert: what others told of it before is there to be read.
  const words = await listOfRefused(tx, item, raised.alert, text)
  return words ? { ...raised, alert: await alerts.revise(raised.alert.id, words) } : raised
}

/** A silent worker is one trouble whichever process it was; what fails goes on under its first name. */
const alertFingerprint = async (tx: Database, item: Item): Promise<string> => {
  if (item.kind === 'self_heal' && typeof item.detail.worker === 'string')
    return `worker:${item.detail.worker}`
  const own = fingerprintFor(item)
  if (!isFailureKind(item.kind) || item.kind === 'auth') return own
  return standingAlert(tx, own, await streakOf(tx, item, own))
}

const actorOf = ({ decidedBy }: Decision) => (decidedBy === 'luci' ? 'luci' : 'pickup')
