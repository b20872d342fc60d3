import type { Config } from '@mc/core/config.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { isBeingStopped } from '@mc/core/runs/stop.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { whyItWaits } from './work.ts'

/** A run as it is told: of one that is queued or to be stopped, why it has not been; else null. */
export type Told = Run & { waitsFor: string | null }
export type Tell = (run: Run) => Promise<Told>

/** Looks up what a run waits for, in the words of its page. */
export const createTell =
  (deps: {
    tickets: Tickets
    runs: Runs
    workers: Config['workers']
    held: () => Promise<Held | null>
    /** Of a scheduled one. */
    whyNotStopped: (run: Run) => Promise<string | null>
  }): Tell =>
  async (run) => {
    if (isBeingStopped(run) && run.taskId !== null)
      return { ...run, waitsFor: await deps.whyNotStopped(run) }
    if (run.status !== 'queued' || run.ticketId === null) return { ...run, waitsFor: null }
    const [blockers, open, held] = await Promise.all([
      deps.tickets.blockers(run.ticketId),
      deps.runs.open(),
      deps.held(),
    ])
    const others = open.filter(({ status }) => status === 'running')
    return {
      ...run,
      waitsFor: whyItWaits(run, { workers: deps.workers, blockers, others, held }),
    }
  }
