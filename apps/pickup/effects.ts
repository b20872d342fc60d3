import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { isoTime } from '@mc/core/clock.ts'
import type { Item, VerdictAction } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { fingerprintFor, outcomeOf } from '@mc/core/triage/outcome.ts'
import { IN_A_ROW } from '@mc/core/triage/rules.ts'
import { type Effect, effectsOf } from '@mc/core/triage/verdict.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Desk } from './desk.ts'
import { streakOf } from './history.ts'
import { tellOfRecovery } from './recovery.ts'
import { alertText, ticketBody, titleOf } from './wording.ts'

/** What becomes of an item, by whom (`rule:<name>`, `luci`, `person`, `fallback`) and why. */
export type Decision = { action: VerdictAction; decidedBy: string; reason: string }

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
  if (wanted.includes('ticket') && ticketId === undefined) {
    ticketId = await fileTicket(tx, desk, item, decision)
    await note(tx, desk, item, 'ticket', ticketId)
  }
  if (wanted.includes('alert') && !done.has('alert')) {
    const alertId = await raiseAlert(tx, desk, item, decision, ticketId)
    await note(tx, desk, item, 'alert', alertId)
  }
  if (item.kind === 'ok') await tellOfRecovery(tx, desk, item)
}

const doneFor = async (tx: Database, item: Item): Promise<Map<string, string>> => {
  const rows = await tx.kysely
    .selectFrom('effects')
    .select(['effect', 'ref'])
    .where('item_id', '=', item.id)
    .execute()
  return new Map(rows.map((row) => [row.effect, row.ref]))
}

const note = (tx: Database, desk: Desk, item: Item, effect: Effect, ref: number) =>
  tx.kysely
    .insertInto('effects')
    .values({ item_id: item.id, effect, ref: String(ref), at: isoTime(desk.clock.now()) })
    .execute()

const fileTicket = async (
  tx: Database,
  desk: Desk,
  item: Item,
  decision: Decision,
): Promise<number> => {
  const tickets = createTickets(tx, desk.clock)
  const own = fingerprintFor(item)
  const candidates = await streakOf(tx, item, own)
  // In one order, so that two pickups never wait for each other.
  for (const candidate of [...candidates].sort()) await lockName(tx, `ticket:${candidate}`)
  let fingerprint = ticketFingerprint(item, own)
  for (const candidate of candidates)
    if (await tickets.openFor(candidate)) {
      fingerprint = candidate
      break
    }
  const { ticket } = await tickets.fileOnce(
    {
      title: titleOf(item),
      body: ticketBody(item, decision.reason),
      priority: item.priority === 'critical' ? 'critical' : 'normal',
      fingerprint,
    },
    { actor: actorOf(decision), source: 'pickup' },
  )
  return ticket.id
}

/** A task that fails now this way, now that way is one trouble under the task's own name. */
const ticketFingerprint = (item: Item, own: string): string => {
  const { task, consecutiveFailures, sameFingerprint } = outcomeOf(item)
  const mixed = task !== null && consecutiveFailures >= IN_A_ROW && sameFingerprint < IN_A_ROW
  return mixed ? `task:${task}` : own
}

const raiseAlert = async (
  tx: Database,
  desk: Desk,
  item: Item,
  decision: Decision,
  ticketId: number | undefined,
): Promise<number> => {
  const { alert } = await createAlerts(tx, desk.clock, desk.triage).raise({
    fingerprint: alertFingerprint(item),
    severity: item.kind === 'auth' || item.priority === 'critical' ? 'critical' : 'normal',
    kind: item.kind ?? 'note',
    title: titleOf(item),
    text: alertText(item, decision.reason),
    itemId: item.id,
    ...(ticketId === undefined ? {} : { ticketId }),
  })
  return alert.id
}

/** A silent worker is one trouble whichever process it was; the rest goes by the item's own. */
const alertFingerprint = (item: Item): string =>
  item.kind === 'self_heal' && typeof item.detail.worker === 'string'
    ? `worker:${item.detail.worker}`
    : fingerprintFor(item)

const actorOf = ({ decidedBy }: Decision) => (decidedBy === 'luci' ? 'luci' : 'pickup')
