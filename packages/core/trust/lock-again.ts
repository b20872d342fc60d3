import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createAlerts } from '../alerts/alerts.ts'
import { type Clock, isoTime } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import type { ActionClass } from './classes.ts'
import { type AutonomyHistory, createAutonomyHistory } from './history.ts'
import { LOOKED_AT, whyLock } from './lock-rule.ts'
import { modeSetting, type StoredMode } from './modes.ts'
import { classLabels } from './words.ts'

/**
 * Locks a class when objections to what she did there by herself have mounted: it goes back to
 * advisor, that is kept in its history and told once. In the caller's transaction. True: it is
 * locked by this.
 */
export const lockAgain = async (
  tx: Database,
  clock: Clock,
  one: ActionClass,
  { by }: { by: string },
): Promise<boolean> => {
  await lockName(tx, 'trust')
  const settings = createSettings(tx, clock)
  const stored = await settings.get<StoredMode>(modeSetting(one))
  if (stored?.value.locked) return false
  const unlockedAt = stored?.value.mode === 'trusted' ? stored.setAt : ''
  const why = whyLock(await lastDone(tx, one, unlockedAt), isoTime(clock.now()).slice(0, 10))
  if (why === null) return false
  await settings.set(
    modeSetting(one),
    { mode: 'advisor', locked: why } satisfies StoredMode,
    'lock',
  )
  const history: AutonomyHistory = createAutonomyHistory(tx, clock)
  const noted = await history.note({ class: one, kind: 'locked', by, reason: why })
  await createAlerts(tx, clock, { repeatIntervalMs: 0 }).raise({
    fingerprint: `autonomy:locked:${one}:${noted.id}`,
    severity: 'normal',
    kind: 'autonomy',
    title: `Locked again: ${classLabels[one]}`,
    text: `${why.charAt(0).toUpperCase()}${why.slice(1)}. Luci proposes it from now on; you can look at the record and unlock it on Settings.`,
  })
  return true
}

/** By herself: at once by trust; of alerts, the free ones as well. Newest first. */
const lastDone = async (tx: Database, one: ActionClass, since: string) => {
  let query = tx.kysely
    .selectFrom('acts')
    .select(['id', 'proposal_id', 'correction', 'corrected_at'])
    .where('class', '=', one)
    .where('state', '=', 'done')
    .where('created_at', '>=', since)
    .orderBy('id', 'desc')
    .limit(LOOKED_AT)
  if (one !== 'alert') query = query.where('at_once', '=', 1)
  return (await query.execute()).map((row) => ({
    decision: row.proposal_id ?? `act:${row.id}`,
    objectedAt: row.correction === null ? null : row.corrected_at,
  }))
}
