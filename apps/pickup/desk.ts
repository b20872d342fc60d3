import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createDigests, type Digests } from '@mc/core/digest/digests.ts'
import { createTokenCounter } from '@mc/core/digest/tokens.ts'
import { createInbox, type Inbox } from '@mc/core/inbox/inbox.ts'
import type { Log } from '@mc/core/log.ts'
import { createSettings, type Settings } from '@mc/core/settings/settings.ts'
import { createTurns, type Turns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'

export type DeskParts = {
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

/** What a pickup works with. Inside a transaction its own repositories are made, on that. */
export type Desk = DeskParts & {
  inbox: Inbox
  digests: Digests
  turns: Turns
  settings: Settings
}

export const createDesk = (parts: DeskParts): Desk => ({
  ...parts,
  inbox: createInbox(parts.db, parts.clock),
  digests: createDigests(parts.db, parts.clock, createTokenCounter()),
  turns: createTurns(parts.db, parts.clock),
  settings: createSettings(parts.db, parts.clock),
})
