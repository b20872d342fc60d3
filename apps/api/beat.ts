import type { Clock } from '@mc/core/clock.ts'
import type { Log } from '@mc/core/log.ts'
import { BEAT_MS, createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'

/** Tells the others that the api lives, and what it is doing, until the signal aborts. */
export const beatUntil = async (
  signal: AbortSignal,
  deps: { db: Database; clock: Clock; log: Log; doing: () => string },
): Promise<void> => {
  const worker = await createWorkers(deps.db, deps.clock).hello('api')
  while (!signal.aborted) {
    // A database that is away for a moment must not end the api, which can say that it is.
    await worker.beat(deps.doing()).catch((err) => deps.log.warn({ err }, 'the beat was not kept'))
    await deps.clock.sleep(BEAT_MS, signal)
  }
  await worker.goodbye()
}
