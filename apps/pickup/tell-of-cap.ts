import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { CostLimits } from '@mc/core/costs/cap.ts'
import { tellOfCap } from '@mc/core/costs/cap-alert.ts'
import type { Log } from '@mc/core/log.ts'
import type { Database } from '@mc/db/database.ts'

/** The bell rings when something was used; a ring may be missed. */
const LOOK_MS = 60_000

/** Alerts when the day's cap is reached, once a day; until the signal aborts. */
export const tellOfCapUntilStopped = async (
  deps: {
    db: Database
    bell: Bell
    clock: Clock
    log: Log
    limits: CostLimits
    repeatIntervalMs: number
  },
  signal: AbortSignal,
): Promise<void> => {
  const { db, bell, clock, log } = deps
  while (!signal.aborted) {
    try {
      if (await tellOfCap(db, clock, deps)) log.info({}, 'The day has reached its cost cap')
    } catch (error) {
      // A database that is away for a moment must not end the worker; the next look tells.
      log.error({ err: error }, 'Whether the cost cap is reached could not be looked up')
    }
    await bell.wait(LOOK_MS, signal)
  }
}
