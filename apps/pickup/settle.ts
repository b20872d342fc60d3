import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { uncount } from '@mc/core/audit/tally.ts'
import { inboxTime, isoTime } from '@mc/core/clock.ts'
import { EFFECTS } from '@mc/core/digest/acts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { type Item, verdictActions } from '@mc/core/inbox/item.ts'
import { outcomeOf } from '@mc/core/triage/outcome.ts'
import { floorFor } from '@mc/core/triage/triage.ts'
import { both, covers } from '@mc/core/triage/verdict.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Desk } from './desk.ts'
import { type Decision, perform } from './effects.ts'

export type End = { item: Item; decision: Decision }

/**
 * Effects and end of an item in one transaction: either all of it happened or nothing. False when
 * the lease was lost: whoever has the item now decides. The fence comes before the effects, so
 * that nothing is begun for an item that is not ours.
 */
export const settleItem = async (desk: Desk, item: Item, decision: Decision): Promise<boolean> => {
  // Nothing to do but to end it: such ends share their commit.
  if (hasNoEffect(item, decision)) return desk.inbox.settle(item, decision)
  return desk.db.transaction(async (tx) => {
    await lockName(tx, EFFECTS)
    return settleIn(tx, desk, { item, decision })
  })
}

/**
 * Many at once, with one commit. When one of them fails, all are undone and taken one by one, so
 * that it fails alone. Returns how many ended.
 */
export const settleItems = async (desk: Desk, ends: readonly End[]): Promise<number> => {
  const plain = ends.filter(({ item, decision }) => hasNoEffect(item, decision))
  const others = ends.filter(({ item, decision }) => !hasNoEffect(item, decision))
  const silenced = await Promise.all(plain.map((end) => desk.inbox.settle(end.item, end.decision)))
  return silenced.filter(Boolean).length + (await settleTogether(desk, others))
}

const settleTogether = async (desk: Desk, ends: readonly End[]): Promise<number> => {
  if (ends.length === 0) return 0
  try {
    return await desk.db.transaction(async (tx) => {
      await lockName(tx, EFFECTS)
      let count = 0
      for (const end of ends) if (await settleIn(tx, desk, end)) count += 1
      return count
    })
  } catch (error) {
    desk.log.warn({ err: error, items: ends.length }, 'Items could not be settled together')
    let count = 0
    for (const { item, decision } of ends)
      if (await attempt(desk, item, () => settleItem(desk, item, decision))) count += 1
    return count
  }
}

const settleIn = async (tx: Database, desk: Desk, { item, decision }: End): Promise<boolean> => {
  if (!(await createInbox(tx, desk.clock).settle(item, decision))) {
    desk.log.warn({ itemId: item.id }, 'The lease of an item was lost')
    return false
  }
  await perform(tx, desk, item, decision)
  if (!decision.decidedBy.startsWith('rule:')) await markPerformed(tx, desk, item, decision)
  return true
}

/**
 * Whatever was said of it before is done with, but for what asks for more: a person may have said so
 * since it was read, and that is performed next. Returns whether anything was.
 */
const markPerformed = async (
  tx: Database,
  desk: Desk,
  item: Item,
  { action }: Decision,
): Promise<boolean> => {
  const result = await tx.kysely
    .updateTable('verdicts')
    .set({ performed_at: isoTime(desk.clock.now()) })
    .where('item_id', '=', item.id)
    .where('performed_at', 'is', null)
    .where(
      'action',
      'in',
      verdictActions.filter((said) => covers(action, said)),
    )
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

const hasNoEffect = (item: Item, { action, decidedBy }: Decision) =>
  action === 'silent' && decidedBy.startsWith('rule:') && !outcomeOf(item).recoveredFrom

/**
 * Ends an item that could not be handled. Nothing of what it says is used: that may be the reason.
 */
export const setAside = async (desk: Desk, item: Item, reason: string): Promise<void> => {
  await desk.db.transaction(async (tx) => {
    const decision = { action: 'alert', decidedBy: 'rule:set_aside', reason } as const
    if (!(await createInbox(tx, desk.clock).settle(item, decision))) return
    await createAlerts(tx, desk.clock, desk.triage).raise({
      fingerprint: `set_aside:${item.id}`,
      severity: item.priority === 'critical' ? 'critical' : 'normal',
      kind: 'set_aside',
      title: `Inbox item ${item.id} was set aside`,
      text: `${reason}. Look at it in the inbox.`,
      itemId: item.id,
    })
  })
}

/**
 * One item that cannot be handled must not stop the others: it stays claimed, comes back when its
 * lease is over, and is set aside after too many tries. Null when `act` failed.
 */
export const attempt = async <T>(
  desk: Desk,
  item: Item,
  act: () => Promise<T>,
): Promise<T | null> => {
  try {
    return await act()
  } catch (error) {
    desk.log.error({ err: error, itemId: item.id, tries: item.tries }, 'An item failed')
    return null
  }
}

/**
 * What is critical reaches a person before Luci is asked: her verdict can only add to it. Done
 * once, whoever gets the item after us.
 */
export const tellCritical = async (desk: Desk, items: readonly Item[]): Promise<void> => {
  for (const item of items) {
    const action = floorFor(item)
    if (action === 'silent') continue
    const reason = 'It is critical, so it did not wait for Luci'
    await attempt(desk, item, () =>
      desk.db.transaction(async (tx) => {
        await lockName(tx, EFFECTS)
        await perform(tx, desk, item, { action, decidedBy: 'rule:floor', reason })
      }),
    )
  }
}

/** Adds to what was done for an item that has ended: a late verdict can only raise. */
export const raiseItem = (desk: Desk, { id }: Item, decision: Decision): Promise<void> =>
  desk.db.transaction(async (tx) => {
    await lockName(tx, EFFECTS)
    // As it is now: another verdict may have raised it since it was read.
    const item = await createInbox(tx, desk.clock).find(id)
    if (!item || !(await markPerformed(tx, desk, item, decision))) return
    const verdict = both(item.verdict ?? 'silent', decision.action)
    const status = verdict === 'silent' ? 'ignored' : 'processed'
    // It ends anew, and is counted once: as what it became.
    if (status !== item.status) await uncount(tx, item.id)
    await tx.kysely
      .updateTable('orchestrator_inbox')
      .set({
        status,
        verdict,
        decided_by: decision.decidedBy,
        reason: decision.reason,
        ...(status === item.status ? {} : { processed_at: inboxTime(desk.clock.now()) }),
      })
      .where('id', '=', item.id)
      .where('status', 'in', ['processed', 'ignored'])
      .execute()
    await perform(tx, desk, item, decision)
  })
