import { createActs } from '@mc/core/acts/acts.ts'
import { createUndo } from '@mc/core/acts/undo.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createAttachments } from '@mc/core/attachments/attachments.ts'
import { createAttachmentStore } from '@mc/core/attachments/store.ts'
import { createAccuracy } from '@mc/core/audit/accuracy.ts'
import { createReport } from '@mc/core/audit/report.ts'
import { createTimeline } from '@mc/core/audit/timeline.ts'
import { createCorrections } from '@mc/core/corrections/corrections.ts'
import { createCosts } from '@mc/core/costs/costs.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { createSessions } from '@mc/core/credentials/sessions.ts'
import { createWebhookCredentials, webhookSigningKey } from '@mc/core/credentials/webhooks.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import { findFolder } from '@mc/core/delegation/folders.ts'
import { createDigestActs } from '@mc/core/digest/acts.ts'
import { createDigests } from '@mc/core/digest/digests.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createItemListing } from '@mc/core/inbox/listing.ts'
import { createProposals } from '@mc/core/proposals/proposals.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import { createRunHistory } from '@mc/core/runs/history.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { createSearch } from '@mc/core/search/search.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createPauseAll } from '@mc/core/tasks/pause-all.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createRelated } from '@mc/core/tickets/related.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { whyHeld } from '@mc/core/trust/held.ts'
import type { PauseDeps } from '@mc/core/trust/pause.ts'
import { createTrust, type TrustDeps } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { createAlertDesk } from './alerts/nouns.ts'
import type { AppDeps } from './app.ts'
import { createReadiness } from './health/readiness.ts'
import { createOverview } from './overview.ts'

/** The desk's nouns over one database, as routes and pages use them. */
export const createNouns = ({ db, clock, config, luci, version }: AppDeps) => {
  const alerts = createAlerts(db, clock, config.triage)
  const listing = createItemListing(db, clock)
  const settings = createSettings(db, clock)
  const tasks = createTasks(db, clock)
  const workers = createWorkers(db, clock)
  const pauseAll = createPauseAll(settings, clock)
  const digests = createDigests(db, clock)
  const costs = createCosts(db, clock, config.costs.limits)
  const readiness = createReadiness({ db, clock, config, luci })
  const { command, folder, folders } = config.workers
  const delegationOf = (tx: Database) =>
    createDelegation(tx, clock, { configured: command !== null, folder, folders })
  const held: NonNullable<TrustDeps['held']> = (on, at) => whyHeld(on, at, config.costs.limits)
  const pausing: PauseDeps = {
    cancelRun: (tx, runId, by) => delegationOf(tx).cancel(runId, by),
  }
  return {
    alerts,
    alertDesk: createAlertDesk({ db, clock, config }),
    listing,
    settings,
    tasks,
    workers,
    pauseAll,
    readiness,
    attachments: createAttachments(db, clock, createAttachmentStore(config.dataDir)),
    credentials: createCredentials(db, clock),
    sessions: createSessions(db, clock),
    timeline: createTimeline(db, clock),
    corrections: createCorrections(db, clock),
    accuracy: createAccuracy(db, clock),
    costs,
    acts: createActs(db, clock),
    undo: createUndo(db, clock, pausing),
    trust: createTrust(db, clock, { first: config, held }),
    pausing,
    reports: createReport(db, clock),
    webhooks: createWebhookCredentials(db, clock, webhookSigningKey(config.dataDir)),
    tickets: createTickets(db, clock),
    related: createRelated(db),
    search: createSearch(db, clock),
    indexer: createIndexer(db),
    turns: createTurns(db, clock),
    questions: createQuestions(db, clock),
    inbox: createInbox(db, clock),
    runs: createRuns(db, clock),
    history: createRunHistory(db),
    logs: createRunLogs(config.dataDir),
    digests,
    digestActs: createDigestActs(db, clock, config.triage),
    proposals: createProposals(db, clock, {
      delegation: delegationOf,
      workers: command !== null,
      refusedFolder: (named, mayCome, lucis) => {
        const found = findFolder(named, config.workers, { lucis, mayCome })
        return 'problem' in found ? found.problem : null
      },
      alerts: config.triage,
      may: (tx, classes, turn) =>
        createTrust(tx, clock, { first: config, held }).may(classes, turn, tx),
    }),
    delegation: delegationOf(db),
    overview: createOverview({
      db,
      luci,
      workers,
      listing,
      tasks,
      pauseAll,
      settings,
      config,
      version,
      alerts,
      digests,
      readiness,
      held: () => held(db, clock),
      costs,
    }),
  }
}

export type Nouns = ReturnType<typeof createNouns>
