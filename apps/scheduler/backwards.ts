import { type Clock, isoTime } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Log } from '@mc/core/log.ts'
import type { Database } from '@mc/db/database.ts'

/** A clock that is kept right goes back by less. */
const NOTED_FROM_MS = 60_000

/**
 * Notices a clock that was set back. What it shows for the second time was fired the first time and
 * is not fired again, so there is a silence: it is told, so that nobody has to find it.
 */
export const createBackwards = (db: Database, clock: Clock, log: Log) => {
  let last = clock.now().getTime()
  return {
    async look(): Promise<void> {
      const now = clock.now()
      const backMs = last - now.getTime()
      const until = isoTime(new Date(last))
      last = now.getTime()
      if (backMs < NOTED_FROM_MS) return
      log.warn({ backMs }, 'the clock was set back')
      await createInbox(db, clock).post({
        source: 'scheduler',
        sourceId: 'clock',
        kind: 'self_heal',
        message: `The clock was set back by ${Math.round(backMs / 60_000)} min. Fires up to ${until} were made already and are not made again; from then on all goes on as before.`,
        fingerprint: 'clock-set-back',
        detail: { cause: 'clock set back', backMs, until },
      })
    },
  }
}
