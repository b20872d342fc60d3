import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { takeBackFromLuci } from '../delegation/take-back.ts'
import { digestsIn } from '../digest/rows.ts'
import type { Run } from '../runs/run.ts'
import { createRuns } from '../runs/runs.ts'
import { createSettings } from '../settings/settings.ts'
import { plain } from '../triage/outcome.ts'
import { PAUSE_SETTING, type Pause } from './held.ts'
import { createAutonomyHistory } from './history.ts'

export type PauseDeps = {
  /** Ends a run that waits or goes on, in that transaction. */
  cancelRun(tx: Database, runId: string, by: string): Promise<unknown>
}
const PAUSED = 'Autonomous action was paused'

export type Paused = { reason: string; by: string; since: string; cancelled: string[] }

/**
 * Stops all autonomous action, in one transaction: from now on no digest is sent and no worker
 * starts; a digest that is with Luci is over now, so its turn is interrupted and the fallback
 * decides; a ticket that she was given and has not heard of is kept back; the workers that she began
 * by herself are cancelled (`workers`: all of them). What a person says to her, the scheduler and
 * the rules go on. Once more, a new reason takes the place of the first, and without one all stays.
 */
export const pause = (
  db: Database,
  clock: Clock,
  deps: PauseDeps,
  { reason = '', workers = false, by }: { reason?: string; workers?: boolean; by: string },
): Promise<Paused> =>
  db.transaction(async (tx) => {
    // What is being carried out or taken at this moment ends first, and is then seen here.
    await lockName(tx, 'trust')
    await lockName(tx, 'delegate')
    await lockName(tx, 'digest')
    const settings = createSettings(tx, clock)
    const before = await settings.get<Pause>(PAUSE_SETTING)
    const said = plain(reason).trim().slice(0, 300) || (before?.value.reason ?? '')
    const now = isoTime(clock.now())
    const since = before ? (before.value.since ?? before.setAt) : now
    await settings.set(PAUSE_SETTING, { reason: said, since } satisfies Pause, by)
    await createAutonomyHistory(tx, clock).note({
      class: null,
      kind: 'paused',
      by,
      reason: said || null,
    })
    for (const digest of await digestsIn(tx, 'sealed')) {
      // What her driver and pickup go by: both see it at the bell, or when they start again.
      await tx.kysely
        .updateTable('digests')
        .set({ verdict_deadline: now })
        .where('id', '=', digest.id)
        .execute()
      await tx.kysely
        .updateTable('turns')
        .set({ state: 'interrupted', ended_at: now, problem: PAUSED })
        .where('digest_id', '=', digest.id)
        .where('state', '=', 'queued')
        .execute()
    }
    await takeBackFromLuci(tx, clock, PAUSED)
    const cancelled: string[] = []
    for (const run of await delegatedRuns(tx, clock)) {
      if (!workers && !(run.status === 'running' && (await wasBegunAtOnce(tx, run)))) continue
      await deps.cancelRun(tx, run.id, ['the pause', said].filter(Boolean).join(': '))
      cancelled.push(run.id)
    }
    return { reason: said, by, since, cancelled }
  })

/** What waited goes on. False: it was not paused. */
export const resume = (db: Database, clock: Clock, by: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    if (!(await createSettings(tx, clock).unset(PAUSE_SETTING))) return false
    await createAutonomyHistory(tx, clock).note({ class: null, kind: 'resumed', by, reason: null })
    return true
  })

const delegatedRuns = async (tx: Database, clock: Clock): Promise<Run[]> =>
  (await createRuns(tx, clock).open()).filter((run) => run.trigger === 'delegate')

/** By Luci, because she was trusted; what a person ordered, or tried again, is theirs. */
const wasBegunAtOnce = async (tx: Database, run: Run): Promise<boolean> => {
  if (run.ticketId === null || run.requestedBy === 'person') return false
  const row = await tx.kysely
    .selectFrom('acts')
    .select('id')
    .where('ref', '=', `MC-${run.ticketId}`)
    .where('class', 'in', ['delegate', 'delegate_low_risk'])
    .where('at_once', '=', 1)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
