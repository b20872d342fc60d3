import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { isoTime } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { outcomeOf } from '@mc/core/triage/outcome.ts'
import { both } from '@mc/core/triage/verdict.ts'
import type { Desk } from './desk.ts'
import { type Decision, perform } from './effects.ts'

/** Somebody else has the item now: what was begun for it is undone. */
class LeaseLostError extends Error {}

/**
 * Effects and end of an item in one transaction: either all of it happened or nothing. False when
 * the lease was lost; whoever has the item now decides. The fence comes first: on Postgres a
 * second pickup then waits at the row, not in the middle of its effects.
 */
export const settleItem = async (desk: Desk, item: Item, decision: Decision): Promise<boolean> => {
  try {
    // Nothing to do but to end it: such ends share their commit.
    if (hasNoEffect(item, decision))
      return await createInbox(desk.db, desk.clock).settle(item, decision)
    await desk.db.transaction(async (tx) => {
      if (!(await createInbox(tx, desk.clock).settle(item, decision))) throw new LeaseLostError()
      await perform(tx, desk, item, decision)
      await tx.kysely
        .updateTable('verdicts')
        .set({ performed_at: isoTime(desk.clock.now()) })
        .where('item_id', '=', item.id)
        .where('performed_at', 'is', null)
        .execute()
    })
    return true
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error
    desk.log.warn({ itemId: item.id }, 'The lease of an item was lost; its effects are undone')
    return false
  }
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

/** Adds to what was done for an item that has ended: a late verdict can only raise. */
export const raiseItem = (desk: Desk, item: Item, decision: Decision): Promise<void> =>
  desk.db.transaction(async (tx) => {
    const at = isoTime(desk.clock.now())
    const performed = await tx.kysely
      .updateTable('verdicts')
      .set({ performed_at: at })
      .where('item_id', '=', item.id)
      .where('performed_at', 'is', null)
      .executeTakeFirst()
    if (performed.numUpdatedRows === 0n) return
    await tx.kysely
      .updateTable('orchestrator_inbox')
      .set({
        status: decision.action === 'silent' ? 'ignored' : 'processed',
        verdict: both(item.verdict ?? 'silent', decision.action),
        decided_by: decision.decidedBy,
        reason: decision.reason,
      })
      .where('id', '=', item.id)
      .where('status', 'in', ['processed', 'ignored'])
      .execute()
    await perform(tx, desk, item, decision)
  })
