import { silentLog } from '@mc/core/log.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { createDesk, type Desk, type DeskParts } from '@mc/pickup/desk.ts'
import { pickUpOnce } from '@mc/pickup/pick-up.ts'
import { createTestClock, type TestClock } from './clock.ts'

export type TestDesk = Desk & {
  clock: TestClock
  /** Rounds until there is nothing left to do now. */
  drain(): Promise<void>
  /** The api beats: Luci can be asked. */
  luciIsUp(doing?: string): Promise<void>
}

/** A pickup's desk whose time the test owns. */
export const createTestDesk = (
  db: Database,
  over: Partial<Omit<DeskParts, 'clock'>> = {},
): TestDesk => {
  const clock = createTestClock()
  let api: { beat(doing: string): Promise<void> } | undefined
  const parts = createDesk({
    db,
    clock,
    log: silentLog,
    switches: {
      chat: 'persistent',
      scheduler: 'inbox',
      pickup: 'orchestrate',
      autonomy: 'advisor',
    },
    triage: {
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      verdictTimeoutMs: 300_000,
      repeatIntervalMs: 4 * 3_600_000,
    },
    profile: 'house',
    workerId: 'pickup-test',
    ...over,
  })
  const desk: TestDesk = {
    ...parts,
    clock,
    drain: async () => {
      while ((await pickUpOnce(desk)) > 0);
    },
    luciIsUp: async (doing = 'idle') => {
      api ??= await createWorkers(db, clock).hello('api')
      await api.beat(doing)
    },
  }
  return desk
}
