import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { spanOf } from '@mc/core/alerts/span.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { headlineOf, outcomeOf, plain, type Recovered } from '@mc/core/triage/outcome.ts'
import { troublesOver } from '@mc/core/triage/refused.ts'
import { nameOf } from '@mc/core/triage/trouble.ts'
import type { Database } from '@mc/db/database.ts'
import type { Desk } from './desk.ts'
import type { Decision } from './effects.ts'

/**
 * What an item says that ends a trouble: its alerts end, who was told hears so once, its open
 * tickets are told, unless it flaps. Nothing for an item that ends none.
 */
export const tellOfRecovery = async (
  tx: Database,
  desk: Desk,
  item: Item,
  { decidedBy }: Pick<Decision, 'decidedBy'>,
): Promise<void> => {
  const { recoveredFrom } = outcomeOf(item)
  if (!recoveredFrom) return
  const name = nameOf(item)
  const { title, text, comment } = wordsOf(item, recoveredFrom, name)
  const fingerprints = endedBy(item, recoveredFrom)
  if (recoveredFrom.failures === 0) await callOff(tx, desk, item, recoveredFrom.fingerprints)
  await tellRecovered(tx, desk.clock, {
    fingerprints: await troublesOver(tx, fingerprints, name),
    title,
    text,
    itemId: item.id,
    repeatIntervalMs: desk.triage.repeatIntervalMs,
  })
  // What flaps would fill its ticket with a comment at every turn.
  if (decidedBy === 'rule:flapping') return
  const tickets = createTickets(tx, desk.clock)
  for (const fingerprint of new Set(fingerprints)) {
    const open = await tickets.openFor(fingerprint)
    if (open) await tickets.comment(open.id, comment, { actor: 'pickup' })
  }
}

/** Under which fingerprints the trouble may be known that this item ends. */
export const endedBy = (item: Item, { fingerprints }: Recovered): string[] => {
  const name = nameOf(item)
  return [...fingerprints, `auth:${outcomeOf(item).credential ?? name}`, `task:${name}`]
}

/** The poster's own words where no failures were counted. */
export const wordsOf = (item: Item, { failures, since }: Recovered, name: string) => {
  if (failures === 0) {
    const comment = plain(item.message).trim()
    const [, ...rest] = comment.split('\n')
    return { title: headlineOf(item), text: rest.join('\n').trim(), comment }
  }
  const times = failures === 1 ? 'once' : `${failures} times`
  const lasted = since ? ` over ${spanOf(since, item.createdAt)}` : ''
  const text = `${name} works again; it had failed ${times}${lasted}.`
  return { title: `${name} recovered, failed ${times}${lasted}`, text, comment: text }
}

/**
 * A state that is over, unlike a run that failed, is no news any more: of what was posted before
 * and nobody was asked about yet, nobody is told.
 */
const callOff = async (
  tx: Database,
  desk: Desk,
  item: Item,
  fingerprints: readonly string[],
): Promise<void> => {
  if (fingerprints.length === 0) return
  const rows = await tx.kysely
    .selectFrom('orchestrator_inbox')
    .leftJoin('digests', 'digests.id', 'orchestrator_inbox.digest_id')
    .selectAll('orchestrator_inbox')
    .where('orchestrator_inbox.fingerprint', 'in', [...fingerprints])
    .where('orchestrator_inbox.source_type', '=', item.source)
    .where('orchestrator_inbox.status', '=', 'claimed')
    .where('orchestrator_inbox.id', '<', item.id)
    .where((eb) => eb.or([eb('digests.id', 'is', null), eb('digests.state', '=', 'open')]))
    .execute()
  const inbox = createInbox(tx, desk.clock)
  const reason = `Over before anybody was told: item ${item.id}`
  for (const earlier of rows.map(toItem))
    if (earlier.priority !== 'critical')
      await inbox.settle(earlier, { action: 'silent', decidedBy: 'rule:recovered', reason })
}
