import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createDigests, type Digests } from '@mc/core/digest/digests.ts'
import { createTokenCounter } from '@mc/core/digest/tokens.ts'
import { createInbox, type Inbox } from '@mc/core/inbox/inbox.ts'
import type { Log } from '@mc/core/log.ts'
import { createSettings, type Settings } from '@mc/core/settings/settings.ts'
import { type Held, whyHeld } from '@mc/core/trust/held.ts'
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
  /** Why nothing is begun by itself; left out: only a pause counts. */
  held?: () => Promise<Held | null>
}

/** What a pickup works with. Inside a transaction its own repositories are made, on that. */
export type Desk = DeskParts & {
  held: () => Promise<Held | null>
  inbox: Inbox
  digests: Digests
  turns: Turns
  settings: Settings
}

export const createDesk = (parts: DeskParts): Desk => ({
  ...parts,
  held: parts.held ?? (() => whyHeld(parts.db, parts.clock)),
  inbox: createInbox(parts.db, parts.clock),
  digests: createDigests(parts.db, parts.clock, createTokenCounter()),
  turns: createTurns(parts.db, parts.clock),
  settings: createSettings(parts.db, parts.clock),
})
