import formbody from '@fastify/formbody'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { whyNotStopped } from '@mc/core/runs/stop.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { whyHeld } from '@mc/core/trust/held.ts'
import type { Database } from '@mc/db/database.ts'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { alertsPage } from './alerts/pages.ts'
import { quietRoutes } from './alerts/quiet-routes.ts'
import { alertRoutes } from './alerts/routes.ts'
import { attachedFiles, attachmentRoutes } from './attachments/routes.ts'
import { takeFiles } from './attachments/take-files.ts'
import { actRoutes, undoProposalRoute } from './autonomy/act-routes.ts'
import { actPages } from './autonomy/pages.ts'
import { autonomyRoutes } from './autonomy/routes.ts'
import { boardPage } from './board/routes.ts'
import { createLiveReplies } from './composer/live-reply.ts'
import { luciRoutes } from './composer/luci-routes.ts'
import { composerRoutes } from './composer/routes.ts'
import { createSessionStart } from './composer/start-session.ts'
import { createThread } from './composer/thread.ts'
import { threadPages } from './composer/thread-routes.ts'
import { costRoutes, costsPage } from './costs/routes.ts'
import { openapiOptions, serveDocs } from './docs/routes.ts'
import { createBroadcaster } from './events/broadcaster.ts'
import { eventRoutes } from './events/routes.ts'
import { watchTables } from './events/watch-tables.ts'
import { exportRoute } from './export/routes.ts'
import { takeForms } from './forms.ts'
import { createFrame, servePages } from './frame/frame.ts'
import { themeRoute } from './frame/theme.ts'
import { healthRoutes } from './health/routes.ts'
import { statusRoute } from './health/status-route.ts'
import { homePages } from './home/routes.ts'
import { inboxAuditRoutes } from './inbox/audit-routes.ts'
import { digestRoutes } from './inbox/digest-routes.ts'
import { inboxPage } from './inbox/pages.ts'
import { inboxRoutes } from './inbox/routes.ts'
import { mcpRoutes } from './mcp/routes.ts'
import { serveMetrics } from './metrics/routes.ts'
import { createNouns } from './nouns.ts'
import { answerBadUrl, answerProblems, tooManyTries } from './problems.ts'
import { createProposalCards } from './proposals/cards.ts'
import { proposalPages } from './proposals/pages.ts'
import { proposalRoutes } from './proposals/routes.ts'
import { questionRoutes } from './questions/routes.ts'
import { reportRoutes } from './report/routes.ts'
import { guard } from './safety/guard.ts'
import { securityHeaders } from './safety/headers.ts'
import { idempotency } from './safety/idempotency.ts'
import { createOpenStreams } from './safety/open-streams.ts'
import { passwordSignIn } from './safety/password.ts'
import { sessionRoutes } from './safety/session-routes.ts'
import { signIn } from './safety/sign-in.ts'
import { watchReading } from './safety/swayed.ts'
import { logRoutes } from './schedules/log-routes.ts'
import { schedulePages } from './schedules/pages.ts'
import { taskRoutes } from './schedules/routes.ts'
import { runRoutes } from './schedules/run-routes.ts'
import { tasksSchemaRoute } from './schedules/schema-route.ts'
import { searchPage } from './search/pages.ts'
import { searchRoutes } from './search/routes.ts'
import { settingsPage } from './settings/pages.ts'
import { settingsRoutes } from './settings/routes.ts'
import { delegateRoutes, workRoutes } from './tickets/delegate-routes.ts'
import { importRoutes } from './tickets/import-routes.ts'
import { ticketPage } from './tickets/pages.ts'
import { ticketRoutes } from './tickets/routes.ts'
import { createTell } from './tickets/waiting.ts'
import { triageRoutes } from './triage/routes.ts'
import { turnRoutes } from './turns/routes.ts'
import { webhookCredentialRoutes } from './webhooks/credential-routes.ts'
import { webhookRoutes } from './webhooks/routes.ts'

export type AppDeps = {
  db: Database
  bell: Bell
  clock: Clock
  log: Log
  config: Config
  luci: Luci
  version: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route there is, for the test that tries each one's locks. */
    routeTable: RouteOptions[]
    /** How many pages and programs listen to events now. */
    openPages(): number
  }
}

const BODY_BYTES_MAX = 2 * 1024 * 1024

/** The whole server without a port. */
export const buildApp = async (deps: AppDeps): Promise<FastifyInstance> => {
  const { db, bell, clock, log, config, luci, version } = deps
  const nouns = createNouns(deps)
  const { credentials, tickets, turns, tasks, runs, settings } = nouns
  const { delegation, digests, digestActs, workers, overview, history, logs, pauseAll } = nouns
  const chatOff = async () => (await readSwitch(settings, config.switches, 'chat')) === 'off'
  const startSession = createSessionStart({
    luci,
    tickets,
    delegation,
    attachments: nouns.attachments,
    clock,
    chatOff,
  })
  const live = createLiveReplies()
  const { attachments } = nouns
  const thread = createThread({
    turns,
    luci,
    attachments,
    live,
    questions: nouns.questions,
    digests: nouns.digests,
    acts: nouns.acts,
    proposalCards: createProposalCards(nouns.proposals, nouns.tickets),
  })
  const broadcaster = createBroadcaster({ luci, bell, log, watch: watchTables(db, workers), live })

  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    trustProxy: config.http.trustProxy,
    frameworkErrors: answerBadUrl,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler)
    // The answers' schemas are documentation and tested; serialising by them would drop new fields.
    .setSerializerCompiler(() => (data) => JSON.stringify(data))

  const routeTable: RouteOptions[] = []
  app.decorate('routeTable', routeTable)
  app.decorate('openPages', () => broadcaster.listenerCount())
  app.addHook('onRoute', (route) => void routeTable.push(route))

  app.decorate('openStreams', createOpenStreams())
  await securityHeaders(app as unknown as FastifyInstance, config.http)
  await app.register(formbody, { bodyLimit: BODY_BYTES_MAX })
  await takeFiles(app as unknown as FastifyInstance, { attachments: nouns.attachments, config })
  await app.register(rateLimit, { global: false, errorResponseBuilder: tooManyTries })
  watchReading(app as unknown as FastifyInstance, turns)
  await guard(app as unknown as FastifyInstance, {
    clock,
    config,
    credentials,
    turns,
    sessions: nouns.sessions,
  })
  takeForms(app)
  idempotency(app, db, clock)
  await app.register(swagger, openapiOptions(version))

  const assets = await servePages(app as unknown as FastifyInstance)
  const frame = createFrame({
    luci,
    overview,
    workers,
    broadcaster,
    clock,
    config,
    version,
    assets,
  })
  answerProblems(app, log, frame.sendProblem)

  serveMetrics(app as unknown as FastifyInstance, { db, clock, luci, readiness: nouns.readiness })
  await app.register(healthRoutes, { readiness: nouns.readiness })
  await app.register(signIn, { config, credentials })
  await app.register(passwordSignIn, { config, credentials })
  await app.register(statusRoute, { overview })
  await app.register(tasksSchemaRoute)
  await app.register(composerRoutes, { startSession })
  await app.register(eventRoutes, { broadcaster })
  const tell = createTell({
    tickets,
    runs,
    beats: nouns.workers,
    workers: config.workers,
    held: () => whyHeld(db, clock, config.costs.limits),
    whyNotStopped: (run) => whyNotStopped(db, clock, run),
  })
  await app.register(
    async (v1) => {
      await v1.register(luciRoutes, { prefix: '/persistent_luci', luci, turns, clock, chatOff })
      await v1.register(ticketRoutes, {
        prefix: '/tickets',
        tickets,
        digestActs,
        proposals: nouns.proposals,
      })
      await v1.register(importRoutes, { prefix: '/tickets', db, clock })
      await v1.register(delegateRoutes, {
        prefix: '/tickets',
        delegation,
        runs,
        tickets,
        proposals: nouns.proposals,
        tell,
      })
      await v1.register(workRoutes, { prefix: '/runs', delegation, tell })
      await v1.register(attachmentRoutes, {
        prefix: '/attachments',
        attachments: nouns.attachments,
      })
      await v1.register(turnRoutes, { prefix: '/turns', turns, attachments, luci })
      await v1.register(inboxRoutes, { prefix: '/inbox', db, clock, nouns })
      await v1.register(inboxAuditRoutes, { prefix: '/inbox', db, clock, nouns })
      await v1.register(webhookRoutes, {
        prefix: '/webhooks',
        db,
        clock,
        webhooks: nouns.webhooks,
      })
      await v1.register(webhookCredentialRoutes, {
        prefix: '/webhook_credentials',
        webhooks: nouns.webhooks,
        frame,
        publicUrl: config.http.publicUrl,
      })
      await v1.register(digestRoutes, { prefix: '/digests', digests })
      await v1.register(questionRoutes, {
        prefix: '/questions',
        questions: nouns.questions,
        bell,
        clock,
      })
      await v1.register(taskRoutes, { prefix: '/tasks', tasks, pauseAll, clock })
      await v1.register(runRoutes, { prefix: '/runs', db, clock, runs, history, delegation, tell })
      await v1.register(logRoutes, { prefix: '/runs', runs, logs, clock })
      await v1.register(alertRoutes, {
        prefix: '/alerts',
        desk: nouns.alertDesk,
        digestActs,
        proposals: nouns.proposals,
        clock,
      })
      await v1.register(proposalRoutes, {
        prefix: '/proposals',
        proposals: nouns.proposals,
        chatOff,
      })
      await v1.register(quietRoutes, { prefix: '/alerts', desk: nouns.alertDesk, clock })
      await v1.register(searchRoutes, {
        prefix: '/search',
        search: nouns.search,
        indexer: nouns.indexer,
      })
      await v1.register(sessionRoutes, { prefix: '/sessions', sessions: nouns.sessions })
      await v1.register(autonomyRoutes, {
        prefix: '/autonomy',
        trust: nouns.trust,
        pausing: nouns.pausing,
      })
      await v1.register(actRoutes, { prefix: '/acts', acts: nouns.acts, undo: nouns.undo })
      await v1.register(undoProposalRoute, { prefix: '/proposals', undo: nouns.undo })
      await v1.register(settingsRoutes, { prefix: '/settings', settings, first: config.switches })
      await v1.register(costRoutes, { prefix: '/costs', nouns })
      await v1.register(triageRoutes, { prefix: '/triage', db, clock, settings })
    },
    { prefix: '/api/v1' },
  )
  await app.register(exportRoute, { db, clock, version })
  await app.register(mcpRoutes, { log, version })
  await app.register(attachedFiles, { attachments: nouns.attachments })
  await app.register(threadPages, { thread, clock, frame })
  await app.register(themeRoute)
  await app.register(homePages, { nouns, luci, thread, clock, frame })
  await app.register(boardPage, { nouns, frame, clock })
  await app.register(ticketPage, {
    nouns,
    frame,
    clock,
    workers: config.workers,
    held: () => whyHeld(db, clock, config.costs.limits),
  })
  await app.register(proposalPages, {
    nouns,
    frame,
    workers: config.workers.command !== null,
    held: () => whyHeld(db, clock, config.costs.limits),
    chatOff,
  })
  await app.register(inboxPage, { db, clock, nouns, frame, publicUrl: config.http.publicUrl })
  await app.register(reportRoutes, { nouns, clock, frame })
  await app.register(costsPage, { nouns, frame, settings: config.costs })
  await app.register(schedulePages, { db, nouns, clock, frame, tell })
  await app.register(alertsPage, { desk: nouns.alertDesk, frame, clock })
  await app.register(searchPage, { search: nouns.search, frame })
  await app.register(actPages, { acts: nouns.acts, frame })
  await app.register(settingsPage, { nouns, luci, clock, config, frame })
  serveDocs(app as unknown as FastifyInstance, { frame })
  app.addHook('onClose', async () => broadcaster.close())
  await app.ready()
  return app as unknown as FastifyInstance
}
