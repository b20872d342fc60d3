import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Retention } from './retention.ts'

/** Not at once: a start has better things to do. */
const FIRST_MS = 5 * 60_000
const EVERY_MS = 3 * 3_600_000

/** Sweeps every few hours until the signal aborts. */
export const runRetention = async (
  { retention, clock, log }: { retention: Retention; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> => {
  await clock.sleep(FIRST_MS, signal)
  while (!signal.aborted) {
    try {
      const swept = await retention.sweep(signal)
      if (Object.values(swept).some((count) => count > 0))
        log.info(swept, 'kept long enough, and gone')
    } catch (err) {
      // A database or disk that is away for a moment: the next sweep does it.
      log.error({ err }, 'retention could not do its work; it tries again')
    }
    await clock.sleep(EVERY_MS, signal)
  }
}
