import type { Bell } from '../bell.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Indexer } from './indexer.ts'

/** A burst of changes is taken in together. */
const TOGETHER_MS = 1_000
/** Where the bell is not heard. */
const LOOK_MS = 60_000
const SWEEP_MS = 3 * 3_600_000

/** Takes in what was written, and lets go of what is gone, until the signal aborts. */
export const runIndexer = async (
  { indexer, bell, clock, log }: { indexer: Indexer; bell: Bell; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> => {
  let swept = clock.now().getTime()
  while (!signal.aborted) {
    try {
      await indexer.catchUp(signal)
      if (clock.now().getTime() - swept > SWEEP_MS) {
        swept = clock.now().getTime()
        await indexer.sweep(signal)
      }
    } catch (err) {
      // A database that is away for a moment: the next round does it.
      log.warn({ err }, 'the search could not be kept up; it tries again')
    }
    await bell.wait(LOOK_MS, signal)
    await clock.sleep(TOGETHER_MS, signal)
  }
}
