import { toldStates } from '@mc/core/alerts/alert.ts'
import { inboxTime } from '@mc/core/clock.ts'
import type { Item, ItemKind } from '@mc/core/inbox/item.ts'
import { isFailure, type RunStatus } from '@mc/core/runs/run.ts'
import { fingerprintFor, isFailureKind, outcomeOf } from '@mc/core/triage/outcome.ts'
import type { Database } from '@mc/db/database.ts'

const COUNTED_WITHIN_MS = 86_400_000
const ENOUGH = 100

/**
 * The scheduler counts failures in a row; other programs do not. For their items the like ones of
 * the last day are counted here, so that their third is a third too.
 */
export const withHistory = async (db: Database, item: Item): Promise<Item> => {
  const counts = isFailureKind(item.kind) || item.kind === 'self_heal'
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  if (!counts || !item.fingerprint || consecutiveFailures > 0 || sameFingerprint > 0) return item
  const rows = await db.kysely
    .selectFrom('orchestrator_inbox')
    .select('kind')
    .where('fingerprint', '=', item.fingerprint)
    .where('id', '<=', item.id)
    .where('created_at', '>', inboxTime(new Date(item.createdAt.getTime() - COUNTED_WITHIN_MS)))
    .orderBy('id', 'desc')
    .limit(ENOUGH)
    .execute()
  const other = rows.findIndex(
    (row) => row.kind !== item.kind && !isFailureKind(row.kind as ItemKind),
  )
  const inARow = other === -1 ? rows.length : other
  return { ...item, detail: { ...item.detail, sameFingerprint: inARow } }
}

/**
 * The fingerprints of this task's unbroken failures, this item's first. A task that fails in
 * several ways is one trouble: its ticket may stand under an earlier one of them.
 */
export const streakOf = async (db: Database, item: Item, own: string): Promise<string[]> => {
  const { task, consecutiveFailures } = outcomeOf(item)
  if (!task || consecutiveFailures < 2) return [own]
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['status', 'fingerprint'])
    .where('task_id', '=', task)
    .where('ended_at', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(ENOUGH)
    .execute()
  const fingerprints = [own]
  for (const row of rows) {
    if (row.status === 'ok') break
    if (isFailure(row.status as RunStatus) && row.fingerprint) fingerprints.push(row.fingerprint)
  }
  return [...new Set([...fingerprints, `task:${task}`])]
}

/**
 * Which troubles a person has been alerted to: by an alert that is not over, or by one that is
 * about to be raised in the same round. A task's unbroken failures are one trouble.
 */
export const createTold = (db: Database) => {
  const now = new Set<string>()
  const namesOf = (item: Item): string[] => {
    const { task } = outcomeOf(item)
    return [fingerprintFor(item), ...(task ? [`task:${task}`] : [])]
  }
  return {
    add: (item: Item): void => {
      for (const name of namesOf(item)) now.add(name)
    },
    has: async (item: Item): Promise<boolean> => {
      if (namesOf(item).some((name) => now.has(name))) return true
      const alert = await db.kysely
        .selectFrom('alerts')
        .select('id')
        .where('fingerprint', 'in', await streakOf(db, item, fingerprintFor(item)))
        .where('state', 'in', toldStates)
        .limit(1)
        .executeTakeFirst()
      return alert !== undefined
    },
  }
}
