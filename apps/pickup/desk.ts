import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import type { Database } from '@mc/db/database.ts'

/** What a pickup works with. */
export type Desk = {
  db: Database
  clock: Clock
  log: Log
  /** First values of the switches; what a person stored wins. */
  switches: Config['switches']
  triage: Config['triage']
  /** The profile until a person switches. */
  profile: Config['luci']['profile']
  /** Who claims. */
  workerId: string
}
