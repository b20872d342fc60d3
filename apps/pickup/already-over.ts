import type { Alert } from '@mc/core/alerts/alert.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { outcomeOf } from '@mc/core/triage/outcome.ts'
import { troublesOver } from '@mc/core/triage/refused.ts'
import { nameOf } from '@mc/core/triage/trouble.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import type { Desk } from './desk.ts'
import { endedBy, wordsOf } from './recovery.ts'

/** What was done about an item and is new by it: an alert that nobody has been told of yet, a ticket. */
export type Begun = { alert?: Alert | undefined; ticketId?: number | undefined }

/**
 * A recovery may be settled before the failure that it ends: the failure waited for Luci, or
 * another pickup had it. What is begun about such a failure is over at once, so that nobody is
 * called to what works again; of what was critical, or a refused credential, one message tells.
 */
export const endWhatIsOver = async (
  tx: Database,
  desk: Desk,
  item: Item,
  { alert, ticketId }: Begun,
): Promise<void> => {
  if (!alert && ticketId === undefined) return
  const end = await settledEndOf(tx, item)
  const recoveredFrom = end && outcomeOf(end).recoveredFrom
  if (!recoveredFrom) return
  const { title, text, comment } = wordsOf(end, recoveredFrom, nameOf(end))
  if (ticketId !== undefined && end.decidedBy !== 'rule:flapping')
    await createTickets(tx, desk.clock).comment(ticketId, comment, { actor: 'pickup' })
  if (!alert || !endedBy(end, recoveredFrom).includes(alert.fingerprint)) return
  const [over] = await troublesOver(tx, [alert.fingerprint], nameOf(end))
  if (!over) return
  const alerts = createAlerts(tx, desk.clock, desk.triage)
  await alerts.resolve(over)
  if (item.priority !== 'critical' && item.kind !== 'auth') return
  await alerts.raise({
    // Named after the end, so that it is told once of all the failures before it.
    fingerprint: `recovered:item:${end.id}`,
    kind: 'recovered',
    title,
    text: `${text} It was over before you were told (ends #${alert.id})`.trim(),
    itemId: end.id,
  })
}

/** What ended this item's trouble, when that is settled already. */
const settledEndOf = async (tx: Database, item: Item): Promise<Item | null> => {
  const { task } = outcomeOf(item)
  const isRun = item.source === 'scheduler' && task && item.runId
  if (!isRun && !item.fingerprint) return null
  const query = isRun
    ? tx.kysely
        .selectFrom('runs')
        .innerJoin('orchestrator_inbox', 'orchestrator_inbox.run_id', 'runs.id')
        .selectAll('orchestrator_inbox')
        .where('runs.task_id', '=', task)
        .where('runs.status', '=', 'ok')
        .where(sql<boolean>`runs.seq > (select seq from runs where id = ${item.runId})`)
        .orderBy('runs.seq')
    : tx.kysely
        .selectFrom('orchestrator_inbox')
        .selectAll()
        .where('fingerprint', '=', item.fingerprint)
        .where('source_type', '=', item.source)
        .where('kind', '=', 'ok')
        .where('id', '>', item.id)
        .orderBy('id')
  const row = await query.limit(1).executeTakeFirst()
  return row?.status === 'processed' || row?.status === 'ignored' ? toItem(row) : null
}
