import { createActs } from '@mc/core/acts/acts.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import type { WorkerFolders } from '@mc/core/delegation/folders.ts'
import type { JudgeDeps } from '@mc/core/proposals/judge.ts'
import type { Content, FileStep } from '@mc/core/proposals/proposal.ts'
import { createProposals } from '@mc/core/proposals/proposals.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { ActionClass } from '@mc/core/trust/classes.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import type { Turn, TurnOrigin } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from './clock.ts'

/** Who decides: a person at the composer. */
export const by = { actor: 'person', source: 'composer' }

/** The desk as far as a proposal reaches. `trusted`: what she may do at once. */
export const openDesk = (
  db: Database,
  {
    trusted = [],
    workers = true,
    folders = {},
    ...deps
  }: {
    trusted?: readonly ActionClass[]
    workers?: boolean
    folders?: Partial<WorkerFolders>
    refusedFolder?: NonNullable<JudgeDeps['refusedFolder']>
  } = {},
) => {
  const clock = createTestClock()
  const turns = createTurns(db, clock)
  const first = { switches: { autonomy: 'trusted' as const }, autonomy: { trusted } }
  return {
    clock,
    turns,
    tickets: createTickets(db, clock),
    acts: createActs(db, clock),
    runs: createRuns(db, clock),
    proposals: createProposals(db, clock, {
      ...deps,
      delegation: (tx) => createDelegation(tx, clock, { configured: workers, ...folders }),
      workers,
      alerts: { repeatIntervalMs: 3_600_000 },
      may: (tx, classes, turn) => createTrust(tx, clock, { first }).may(classes, turn, tx),
    }),
    turn: (origin: TurnOrigin = 'user'): Promise<Turn> =>
      turns.queue({ text: 'Make the backups restorable', origin }),
  }
}

/** A step that files a ticket. */
export const file = (name: string, more: Partial<FileStep> = {}): FileStep => ({
  do: 'file',
  name,
  title: `Do ${name}`,
  risk: 'low',
  does: 'person',
  ...more,
})

export const backups: Content = {
  title: 'Backups that restore',
  summary: 'First a copy, then a trial.',
  parent: 'new',
  steps: [
    file('copy', { does: 'worker' }),
    file('trial', { does: 'worker', after: ['copy'], risk: 'medium' }),
    file('report', { after: ['trial', 'copy'] }),
  ],
}

/** What became of each step, in words. */
export const states = async (desk: ReturnType<typeof openDesk>, id: string) =>
  (await desk.acts.of(id)).map(({ step, class: one, state }) => `${step} ${one} ${state}`)
