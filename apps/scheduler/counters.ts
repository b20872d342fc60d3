import type { ItemKind } from '@mc/core/inbox/item.ts'
import type { TaskRow } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { isFailureKind, type Outcome } from './outcome.ts'
import { LIVED_WELL_MS } from './restart.ts'

type Counters = Pick<Outcome, 'consecutiveFailures' | 'sameFingerprint' | 'recoveredFrom'>

/** `begun`: its turn came; what waited and was cancelled says nothing of what it waited for. */
type Ended = { kind: ItemKind; begun: boolean; fingerprint: string | null; at: string }

/** The task's counters after this outcome. Only its own success or failure changes them. */
export const count = async (
  tx: Database,
  row: TaskRow,
  { kind, begun, fingerprint, at }: Ended,
): Promise<Counters> => {
  const set = (values: object) =>
    tx.kysely.updateTable('tasks').set(values).where('id', '=', row.id).execute()
  const ran = begun && kind !== 'stuck' && kind !== 'skipped' && kind !== 'missed'

  if (isFailureKind(kind)) {
    const sameFingerprint = fingerprint === row.last_fingerprint ? row.same_fingerprint + 1 : 1
    const consecutiveFailures = row.consecutive_failures + 1
    await set({
      consecutive_failures: consecutiveFailures,
      last_fingerprint: fingerprint,
      same_fingerprint: sameFingerprint,
      failing_since: row.failing_since ?? at,
      ...(ran ? { consecutive_skips: 0 } : {}),
    })
    return { consecutiveFailures, sameFingerprint, recoveredFrom: null }
  }
  if (kind !== 'ok') {
    if (ran) await set({ consecutive_skips: 0 })
    const { consecutive_failures, same_fingerprint } = row
    return {
      consecutiveFailures: consecutive_failures,
      sameFingerprint: same_fingerprint,
      recoveredFrom: null,
    }
  }
  const recoveredFrom =
    row.consecutive_failures > 0 && row.failing_since
      ? {
          fingerprints: await fingerprintsSince(tx, row.id, row.failing_since),
          failures: row.consecutive_failures,
          since: row.failing_since,
        }
      : null
  const isClean =
    row.consecutive_failures === 0 &&
    row.consecutive_skips === 0 &&
    row.same_fingerprint === 0 &&
    row.last_fingerprint === null &&
    row.failing_since === null
  // A success after a success changes nothing: a write less for most of all runs.
  if (isClean) return { consecutiveFailures: 0, sameFingerprint: 0, recoveredFrom }
  await set({
    consecutive_failures: 0,
    consecutive_skips: 0,
    same_fingerprint: 0,
    last_fingerprint: null,
    failing_since: null,
  })
  return { consecutiveFailures: 0, sameFingerprint: 0, recoveredFrom }
}

/** What it failed with; a hundred different troubles say enough. */
const fingerprintsSince = async (
  tx: Database,
  taskId: string,
  since: string,
): Promise<string[]> => {
  const rows = await tx.kysely
    .selectFrom('runs')
    .select('fingerprint')
    .distinct()
    .where('task_id', '=', taskId)
    .where('ended_at', '>=', since)
    .where('fingerprint', 'is not', null)
    .limit(100)
    .execute()
  return rows.flatMap(({ fingerprint }) => (fingerprint ? [fingerprint] : []))
}

const ENDS_LOOKED_AT = 12

/** How often in a row its program ended before it had lived well, this time included. */
export const quickEndsOf = async (tx: Database, taskId: string): Promise<number> => {
  const rows = await tx.kysely
    .selectFrom('runs')
    .select('duration_ms')
    .where('task_id', '=', taskId)
    .where('ended_at', 'is not', null)
    .where('duration_ms', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(ENDS_LOOKED_AT)
    .execute()
  const well = rows.findIndex(({ duration_ms: ms }) => (ms ?? 0) >= LIVED_WELL_MS)
  return well === -1 ? rows.length : well
}
