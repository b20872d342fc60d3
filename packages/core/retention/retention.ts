import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import type { RunLogs } from '../runs/run-logs.ts'
import { forgetAlerts } from './forget-alerts.ts'
import { forgetDigests, forgetItems } from './forget-items.ts'
import { forgetProposals } from './forget-proposals.ts'
import { createRunsForgetting } from './forget-runs.ts'
import { forgetTurns } from './forget-turns.ts'
import type { Keep } from './keep.ts'
import { forgetLeftovers } from './leftovers.ts'

export type Swept = {
  runs: number
  logs: number
  logBytes: number
  items: number
  digests: number
  turns: number
  proposals: number
  alerts: number
  /** Answers to repeated requests, credentials and beats that are of no use any more. */
  leftovers: number
}

/** What each part of a sweep works with. `pause` lets others have the database between batches. */
export type Sweeping = {
  db: Database
  clock: Clock
  keep: Keep
  signal: AbortSignal
  pause(): Promise<unknown>
}

/** Longer than SQLite's longest wait between two tries for the write lock, mostly. */
const PAUSE_MS = 25

/**
 * Lets go of what was kept long enough; what it amounted to stays as totals. Whatever belongs to
 * an open ticket or is not settled stays, however old.
 */
export const createRetention = (
  db: Database,
  clock: Clock,
  logs: RunLogs,
  keep: Keep,
  pause: () => Promise<unknown> = () => sleep(PAUSE_MS),
) => ({
  /** Does all there is to do. Safe to break off and to do twice, also by several processes. */
  async sweep(signal: AbortSignal = new AbortController().signal): Promise<Swept> {
    const sweeping: Sweeping = { db, clock, keep, signal, pause }
    // Alerts and items first: what they name is let go of after them.
    const alerts = await forgetAlerts(sweeping)
    const items = await forgetItems(sweeping)
    const digests = await forgetDigests(sweeping)
    const turns = await forgetTurns(sweeping)
    const proposals = await forgetProposals(sweeping)
    const runs = await createRunsForgetting(db, clock, logs, keep).forget(signal)
    return {
      ...runs,
      items,
      digests,
      turns,
      proposals,
      alerts,
      leftovers: await forgetLeftovers(sweeping),
    }
  },
})

export type Retention = ReturnType<typeof createRetention>
