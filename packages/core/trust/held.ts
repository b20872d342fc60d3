import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { type CostLimits, noLimits, whyOverCap } from '../costs/cap.ts'
import { createSettings } from '../settings/settings.ts'

/** Why nothing is begun without a person: their pause, or what a day may cost is spent. */
export type Held = {
  by: 'pause' | 'cost'
  /** In a sentence without its full stop, for the person and the audit. */
  reason: string
  since: string | null
}

/** The setting that `mc pause` stores. */
export const PAUSE_SETTING = 'autonomy.paused'
/** `since`: when it began, since saying why again is no other pause. */
export type Pause = { reason: string; since?: string }

/**
 * Whether Luci and her workers may begin something by themselves. Null: they may. Held, no digest
 * is sent (rules decide alone), no worker starts and nothing is done at once by trust; what a
 * person says to her goes on. `limits`: the environment's cap of a day; what a person set wins.
 */
export const whyHeld = async (
  db: Database,
  clock: Clock,
  limits: CostLimits = noLimits,
): Promise<Held | null> => {
  const pause = await createSettings(db, clock).get<Pause>(PAUSE_SETTING)
  if (pause)
    return {
      by: 'pause',
      reason: ['Autonomous action is paused', pause.value.reason].filter(Boolean).join(': '),
      since: pause.value.since ?? pause.setAt,
    }
  const over = await whyOverCap(db, clock, limits)
  return over === null ? null : { by: 'cost', reason: over, since: null }
}
