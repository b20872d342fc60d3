import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { Bell } from '@mc/core/bell.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Log } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { takeForms } from './forms.ts'
import { healthRoutes } from './health/routes.ts'
import { answerProblems } from './problems.ts'
import { guard } from './safety/guard.ts'
import { idempotency } from './safety/idempotency.ts'
import { signIn } from './safety/sign-in.ts'
import { ticketRoutes } from './tickets/routes.ts'
import { turnRoutes } from './turns/routes.ts'

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
  }
}

const BODY_BYTES_MAX = 2 * 1024 * 1024

/** The whole server without a port. */
export const buildApp = async (deps: AppDeps): Promise<FastifyInstance> => {
  const { db, clock, log, config } = deps
  const credentials = createCredentials(db, clock)
  const tickets = createTickets(db, clock)
  const turns = createTurns(db, clock)
  const inbox = createInbox(db, clock)

  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler)
    // The answers' schemas are documentation and tested; serialising by them would drop new fields.
    .setSerializerCompiler(() => (data) => JSON.stringify(data))

  const routeTable: RouteOptions[] = []
  app.decorate('routeTable', routeTable)
  app.addHook('onRoute', (route) => void routeTable.push(route))

  await app.register(helmet, {
    // What helmet allows beyond this (data:, https:, inline style) no page of ours needs.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // "no-referrer" would make browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
  })
  await app.register(formbody, { bodyLimit: BODY_BYTES_MAX })
  await guard(app, { config, credentials, turns })
  await app.register(rateLimit, { global: false })
  takeForms(app)
  idempotency(app, db, clock)
  await app.register(swagger, {
    openapi: { info: { title: 'Mission Control', version: deps.version } },
  })

  answerProblems(app, log, async (_request, reply, problem) => reply.send(problem.detail))

  await app.register(healthRoutes, { db })
  await app.register(signIn, { config, credentials })
  await app.register(ticketRoutes, { prefix: '/api/v1/tickets', tickets, inbox })
  await app.register(turnRoutes, { prefix: '/api/v1/turns', turns })
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.ready()
  return app as unknown as FastifyInstance
}
