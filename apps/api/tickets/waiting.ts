import type { Config } from '@mc/core/config.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { isBeingStopped } from '@mc/core/runs/stop.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { Workers } from '@mc/core/workers/workers.ts'
import { type Around, whyItWaits } from './work.ts'

type AroundDeps = {
  runs: Runs
  beats: Workers
  workers: Config['workers']
  held: () => Promise<Held | null>
}

/** Looks up what keeps work from beginning; only where some of these runs wait for it. */
export const createAround =
  ({ runs, beats, workers, held }: AroundDeps) =>
  async (some: readonly Run[], blockers: readonly Ticket[]): Promise<Around> => {
    if (!some.some(({ status }) => status === 'queued'))
      return { workers, blockers, others: [], held: null, hasPickup: true }
    const [open, health, stopped] = await Promise.all([runs.open(), beats.health(), held()])
    return {
      workers,
      blockers,
      others: open.filter(({ status, ticketId }) => status === 'running' && ticketId !== null),
      held: stopped,
      hasPickup: health.some(({ name, state }) => name === 'pickup' && state === 'alive'),
    }
  }

/** A run as it is told: of one that is queued or to be stopped, why it has not been; else null. */
export type Told = Run & { waitsFor: string | null }
export type Tell = (run: Run) => Promise<Told>

/** Looks up what a run waits for, in the words of its page. */
export const createTell = (
  deps: AroundDeps & {
    tickets: Tickets
    /** Of a scheduled one. */
    whyNotStopped: (run: Run) => Promise<string | null>
  },
): Tell => {
  const around = createAround(deps)
  return async (run) => {
    if (isBeingStopped(run) && run.taskId !== null)
      return { ...run, waitsFor: await deps.whyNotStopped(run) }
    if (run.status !== 'queued' || run.ticketId === null) return { ...run, waitsFor: null }
    const blockers = await deps.tickets.blockers(run.ticketId)
    return { ...run, waitsFor: whyItWaits(run, await around([run], blockers)) }
  }
}
