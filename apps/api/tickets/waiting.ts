import type { Config } from '@mc/core/config.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { whyItWaits } from './work.ts'

/** A run as it is told: of one that is queued, why it has not begun; else null. */
export type Told = Run & { waitsFor: string | null }
export type Tell = (run: Run) => Promise<Told>

/** Looks up what a delegated run waits for, in the words of its page. */
export const createTell =
  (deps: {
    tickets: Tickets
    runs: Runs
    workers: Config['workers']
    held: () => Promise<Held | null>
  }): Tell =>
  async (run) => {
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
