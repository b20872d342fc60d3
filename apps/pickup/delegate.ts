import type { Bell } from '@mc/core/bell.ts'
import { handToLuci, unblock } from '@mc/core/delegation/hand-over.ts'
import { takeFromLuci } from '@mc/core/delegation/not-done.ts'
import { stopPutAway } from '@mc/core/delegation/put-away.ts'
import { tellStalled } from '@mc/core/delegation/stalled.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { Database } from '@mc/db/database.ts'
import { interruptLost } from './delegate-lost.ts'
import { type DelegateDeps, delegationOf, runTicket } from './delegate-run.ts'

/**
 * Why nothing may begin now; null: it may. Asked within transactions too, so it looks with what it
 * is given: another connection would wait for this one.
 */
export type Holds = { held?: (on: Database) => Promise<Held | null> }

const LOOK_MS = 30_000

/**
 * Runs delegated tickets until the signal aborts, at most `countMax` at once; then ends them.
 * Story of a look, at every change:
 * 1. What a pickup that died left behind is interrupted.
 * 2. What somebody cancelled or put away is ended, and tickets are told of what will not come.
 * 3. Unless something holds it: Luci is told of her tickets, and workers begin as there is room.
 */
export const runDelegated = async (
  deps: DelegateDeps & Holds & { bell: Bell },
  signal: AbortSignal,
): Promise<void> => {
  const running = new Map<string, { stop: AbortController; work: Promise<unknown> }>()
  const begin = (run: Run) => {
    const stop = new AbortController()
    const work = runTicket(deps, run, signal, stop.signal)
      .catch((error) => deps.log.error({ err: error, runId: run.id }, 'A delegated run failed'))
      .finally(() => running.delete(run.id))
    running.set(run.id, { stop, work })
  }
  let rung = false
  const unlisten = deps.bell.listen(() => {
    rung = true
  })
  while (!signal.aborted) {
    // What changes during the look is looked at next, at once.
    rung = false
    try {
      await interruptLost(deps, new Set(running.keys()))
      if (running.size > 0) {
        await stopPutAway(deps.db, deps.clock, deps.workerId)
        for (const id of await createRuns(deps.db, deps.clock).toCancel(deps.workerId))
          running.get(id)?.stop.abort()
      }
      await takeFromLuci(deps.db, deps.clock)
      await tellStalled(deps.db, deps.clock)
      await unblock(deps.db, deps.clock)
      for (;;) {
        if (signal.aborted || (await deps.held?.(deps.db))) break
        for (const key of await handToLuci(deps.db, deps.clock, deps.held))
          deps.log.info({ ticket: key }, 'Luci is told to do a ticket')
        const run = await takeNext(deps)
        if (!run) break
        begin(run)
      }
    } catch (error) {
      // A database that is away for a moment must not end the loop.
      deps.log.error({ err: error }, 'The look for delegated tickets failed')
    }
    if (!rung) await deps.bell.wait(LOOK_MS, signal)
  }
  unlisten()
  await Promise.all([...running.values()].map(({ work }) => work))
}

/** One delegated ticket, if one may begin, to its end. Null when none may. */
export const runDelegatedOnce = async (
  deps: DelegateDeps & Holds,
  signal: AbortSignal,
): Promise<Run | null> => {
  if (await deps.held?.(deps.db)) return null
  const run = await takeNext(deps)
  return run ? runTicket(deps, run, signal) : null
}

const takeNext = (deps: DelegateDeps & Holds): Promise<Run | null> =>
  deps.program
    ? delegationOf(deps).take(deps.workerId, deps.countMax, deps.held)
    : Promise.resolve(null)
