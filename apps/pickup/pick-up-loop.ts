import type { Bell } from '@mc/core/bell.ts'
import { CALM_LOOK_MS, tellOfCalm } from './calm.ts'
import type { Desk } from './desk.ts'
import { nextDueIn, pickUpOnce } from './pick-up.ts'

/** Looked at without a ring at least this often; leases of the open digest are renewed by it. */
const LOOK_MS = 30_000
const AFTER_FAILURE_MS = 2_000

/** Picks up until empty, then waits for the bell or what comes due; until the signal aborts. */
export const pickUpUntilStopped = async (
  desk: Desk,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> => {
  let calmLookedAt = 0
  while (!signal.aborted) {
    const now = desk.clock.now().getTime()
    if (now - calmLookedAt >= CALM_LOOK_MS) {
      calmLookedAt = now
      await tellOfCalm(desk).catch((error) =>
        desk.log.error({ err: error }, 'What is calm again could not be looked for'),
      )
    }
    const waitMs = await round(desk, signal)
    if (waitMs > 0) await bell.wait(waitMs, signal)
  }
}

/** Milliseconds to wait after it. */
const round = async (desk: Desk, signal: AbortSignal): Promise<number> => {
  try {
    while ((await pickUpOnce(desk)) > 0) if (signal.aborted) return 0
    return await nextDueIn(desk, LOOK_MS)
  } catch (error) {
    // A database that is away for a moment must not end the worker; what was claimed comes back.
    desk.log.error({ err: error }, 'A round at the desk failed and will be tried again')
    return AFTER_FAILURE_MS
  }
}
