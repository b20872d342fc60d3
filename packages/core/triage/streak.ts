import type { Database } from '@mc/db/database.ts'
import { inboxTime } from '../clock.ts'
import type { Item, ItemKind } from '../inbox/item.ts'
import { isFailure, type RunStatus } from '../runs/run.ts'
import * as statements from './history-statements.ts'
import { isFailureKind, outcomeOf } from './outcome.ts'

const COUNTED_WITHIN_MS = 86_400_000
const ENOUGH = 100

/**
 * The scheduler counts failures in a row; other programs do not. For their items the like ones of
 * the last day are counted here, so that their third is a third too.
 */
export const withCounts = async (db: Database, item: Item): Promise<Item> => {
  const counts = isFailureKind(item.kind) || item.kind === 'self_heal'
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  if (!counts || !item.fingerprint || consecutiveFailures > 0 || sameFingerprint > 0) return item
  const rows = await db.kysely
    // The newest first, then those of the day: no index knows when they came.
    .selectFrom((eb) =>
      eb
        .selectFrom('orchestrator_inbox')
        .select(['id', 'kind', 'created_at'])
        .where('fingerprint', '=', item.fingerprint)
        .where('id', '<=', item.id)
        .orderBy('id', 'desc')
        .limit(ENOUGH)
        .as('newest'),
    )
    .select('kind')
    .where('created_at', '>', inboxTime(new Date(item.createdAt.getTime() - COUNTED_WITHIN_MS)))
    .orderBy('id', 'desc')
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
export const streakOf = async (
  db: Database,
  item: Pick<Item, 'detail' | 'runId'>,
  own: string,
): Promise<string[]> => {
  const { task, consecutiveFailures } = outcomeOf(item)
  if (!task || consecutiveFailures < 2) return [own]
  const rows = await db
    .statement<{ status: string; fingerprint: string | null }>(
      'triage.streak',
      statements.endedRuns(ENOUGH),
    )
    .all({ task, run_id: item.runId ?? '' })
  const fingerprints = [own]
  for (const row of rows) {
    if (row.status === 'ok') break
    if (isFailure(row.status as RunStatus) && row.fingerprint) fingerprints.push(row.fingerprint)
  }
  return [...new Set([...fingerprints, `task:${task}`])]
}
