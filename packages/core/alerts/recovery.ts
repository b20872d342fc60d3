import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import type { Alert } from './alert.ts'
import { createAlerts } from './alerts.ts'

export type Recovery = {
  fingerprints: readonly string[]
  title: string
  text: string
  itemId?: number
  repeatIntervalMs: number
}

/**
 * The trouble is over: its alerts are resolved, and whoever had been told of it hears so exactly
 * once. Nobody hears of the end of what they never heard of. Null when there was nothing to tell.
 */
export const tellRecovered = async (
  db: Database,
  clock: Clock,
  { fingerprints, title, text, itemId, repeatIntervalMs }: Recovery,
): Promise<Alert | null> => {
  if (fingerprints.length === 0) return null
  const open = await db.kysely
    .selectFrom('alerts')
    .select('id')
    .where('fingerprint', 'in', [...fingerprints])
    .where('resolved_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (!open) return null
  return db.transaction(async (tx) => {
    const alerts = createAlerts(tx, clock, { repeatIntervalMs })
    const told: Alert[] = []
    for (const fingerprint of [...new Set(fingerprints)].sort()) {
      await lockName(tx, `alert:${fingerprint}`)
      told.push(...(await alerts.resolve(fingerprint)))
    }
    const last = told.sort((a, b) => a.id - b.id).at(-1)
    if (!last) return null
    const { alert } = await alerts.raise({
      // Named after the alert it ends, so that a second recovery is told too.
      fingerprint: `recovered:${last.id}`,
      kind: 'recovered',
      title,
      text: `${text} (ends #${told.map((alert) => alert.id).join(', #')})`.trim(),
      ...(itemId === undefined ? {} : { itemId }),
    })
    return alert
  })
}
