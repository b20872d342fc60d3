import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { forgetEvents } from '../webhooks/receive.ts'
import type { WeeklyReport } from './settings.ts'
import { createTally } from './tally.ts'
import { tellWeekly } from './weekly.ts'

export type AuditDeps = {
  db: Database
  clock: Clock
  log: Log
  /** Null: it is told to nobody unasked. */
  weekly: WeeklyReport | null
  repeatIntervalMs: number
}

/** Not at once: a start has better things to do. */
const FIRST_MS = 20_000
const EVERY_MS = 10 * 60_000
/** Between two pieces of a long count, that others get their turn. */
const BREATH_MS = 100
/** What a webhook told and did not repeat for so long is told anew when it comes back. */
const EVENTS_KEPT_MS = 30 * 86_400_000

/** Keeps the books until the signal aborts: counts what was settled, tells the week when it is due. */
export const runAudit = async (deps: AuditDeps, signal: AbortSignal): Promise<void> => {
  await deps.clock.sleep(FIRST_MS, signal)
  while (!signal.aborted) {
    try {
      await keepBooks(deps, signal)
    } catch (err) {
      // A database that is away for a moment: the next round does it.
      deps.log.error({ err }, 'the books could not be kept; it tries again')
    }
    await deps.clock.sleep(EVERY_MS, signal)
  }
}

/** One round. */
export const keepBooks = async (
  { db, clock, log, weekly, repeatIntervalMs }: AuditDeps,
  signal: AbortSignal,
): Promise<void> => {
  const tally = createTally(db, clock)
  while (!signal.aborted && !(await tally.countOn())) await clock.sleep(BREATH_MS, signal)
  await tally.condense()
  await forgetEvents(db, new Date(clock.now().getTime() - EVENTS_KEPT_MS))
  if (!weekly) return
  const week = await tellWeekly(db, clock, weekly, { repeatIntervalMs })
  if (week) log.info({ week }, 'The week is told')
}
