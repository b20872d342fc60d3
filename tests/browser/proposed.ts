import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import type { Content, Proposal } from '@mc/core/proposals/proposal.ts'
import { createProposals } from '@mc/core/proposals/proposals.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import type { Database } from '@mc/db/database.ts'

/** Proposals as Luci makes them in a turn of a person's, where nothing of her is trusted. */
export const proposalsOf = ({ db, clock }: { db: Database; clock: Clock }, config: Config) =>
  createProposals(db, clock, {
    delegation: (tx) => createDelegation(tx, clock, { configured: true }),
    workers: true,
    alerts: config.triage,
    may: async () => ({ atOnce: false, reason: 'Filing tickets waits for you' }),
  })

export const wiki: Content = {
  title: 'The wiki runs on the new host by Friday, with nothing lost',
  summary:
    'Everything that can be undone goes to a worker; the switch of the address is yours. The old host **stays on** for a week.',
  steps: [
    {
      do: 'file',
      name: 'backup',
      title: 'Back up the wiki and prove that it can be read back',
      body: 'Dump the database and the uploads to the store, then restore both into a scratch folder and count pages.',
      risk: 'low',
      does: 'worker',
      labels: ['wiki', 'backup'],
    },
    {
      do: 'file',
      name: 'host',
      title: 'Set up the new host as the old one is',
      body: 'Same packages, same mail relay. List what differs.',
      risk: 'medium',
      does: 'worker',
    },
    {
      do: 'file',
      name: 'copy',
      title: 'Copy pages and uploads over, and compare the counts',
      after: ['backup', 'host'],
      risk: 'medium',
      does: 'worker',
      priority: 'normal',
    },
    {
      do: 'file',
      name: 'switch',
      title: 'Point wiki.example.org to the new host',
      after: ['copy'],
      risk: 'high',
      does: 'person',
      due: '2030-03-01',
    },
    {
      do: 'file',
      name: 'tell',
      title: 'Write the note for the team',
      after: ['switch'],
      risk: 'low',
      does: 'luci',
    },
  ],
  questions: [
    { text: 'May the wiki be read-only for an hour on Thursday night?', options: ['Yes', 'No'] },
  ],
}

export const propose = async (
  desk: { db: Database; clock: Clock },
  config: Config,
  turn: Turn | null,
  content: Content = wiki,
  options: { replaces?: string } = {},
): Promise<Proposal> => (await proposalsOf(desk, config).propose(turn, content, options)).proposal
