import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import { type CostLimits, whyOverCap } from './cap.ts'
import { dayOf } from './count.ts'

/** The day for which the alert went out last. */
const TOLD = 'costs.told'

/** Alerts once a day when the cap is reached. True: just now. */
export const tellOfCap = async (
  db: Database,
  clock: Clock,
  { limits, repeatIntervalMs }: { limits: CostLimits; repeatIntervalMs: number },
): Promise<boolean> => {
  const reason = await whyOverCap(db, clock, limits)
  if (reason === null) return false
  return db.transaction(async (tx) => {
    await lockName(tx, TOLD)
    const day = dayOf(clock.now())
    const settings = createSettings(tx, clock)
    if ((await settings.get<string>(TOLD))?.value === day) return false
    await settings.set(TOLD, day, 'pickup')
    await createAlerts(tx, clock, { repeatIntervalMs }).raise({
      fingerprint: `costs:${day}`,
      kind: 'costs',
      title: 'The cost cap of today is reached',
      text: `${reason}. Luci gets no digest and no worker starts; rules go on, and you can talk to her.`,
    })
    return true
  })
}
