import cookie from '@fastify/cookie'
import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Credential, Credentials } from '@mc/core/credentials/credentials.ts'
import type { Sessions } from '@mc/core/credentials/sessions.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Turns } from '@mc/core/turns/turns.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createAgentPace } from './agent-pace.ts'
import type { Caller } from './caller.ts'
import { csrfToken, isCsrfToken } from './csrf.ts'
import { isOurHost, isOurOrigin } from './hosts.ts'
import { refuseAgent } from './rights.ts'
import { sessionCookie } from './session.ts'

/** `mc` is on nobody's PATH but Luci's. */
export const SIGN_IN_HINT =
  'Run "npx -y pnpm@12 mc sign-in" in the project’s folder and open the link it prints.'

const reads = ['GET', 'HEAD', 'OPTIONS']
const bearers = ['cli', 'agent', 'metrics', 'webhook'] as const

/**
 * Every request, in this order: is the Host ours, who is calling, and for a mutation: does a
 * browser prove that the page was ours (Origin, CSRF token), has Luci the right. What is missing
 * refuses.
 */
export const guard = async (
  app: FastifyInstance,
  deps: {
    config: Config
    clock: Clock
    credentials: Credentials
    turns: Turns
    sessions: Sessions
  },
): Promise<void> => {
  const { http } = deps.config
  await app.register(cookie)
  app.decorateRequest('caller', null)
  const countAgent = createAgentPace(app)

  app.addHook('onRequest', async (request) => {
    if (!isOurHost(request.headers.host, http.publicUrl))
      throw new AppError('forbidden', 'This host name is not one of ours', {
        hint: 'Set MC_PUBLIC_URL to the address you use.',
      })
    request.caller = await identify(request)
    const { open, may, agentOnly, metrics, webhook } = request.routeOptions.config
    if (request.caller?.kind === 'metrics' && !metrics)
      throw new AppError('forbidden', 'This credential reads /metrics and nothing else')
    if (agentOnly) return mustBeAgent(request)
    if (request.caller?.kind === 'webhook') return mustBeItsOwn(request.caller, webhook)
    // GitHub can send no bearer token: its route looks at the signature of the body.
    if (webhook === 'github' && !request.caller && header(request, 'x-hub-signature-256')) return
    const changes = !reads.includes(request.method)
    const isBrowser = request.caller === null || request.caller.kind === 'browser'
    if (changes && isBrowser && (request.caller || open)) mustBeOurPage(request)
    if (!request.caller) {
      // The stylesheet and scripts tell nothing, and the page that asks to sign in wears them.
      if (open || request.routeOptions.url?.startsWith('/public/')) return
      throw new AppError('unauthorized', 'You are not signed in', {
        hint: SIGN_IN_HINT,
      })
    }
    if (!changes || request.caller.kind !== 'agent') return
    await countAgent(request)
    const named = header(request, 'mc-turn')
    request.caller.turn = named ? await deps.turns.find(named) : null
    const refusal = refuseAgent(may ?? 'person', named, request.caller.turn, deps.clock)
    if (refusal) throw refusal
  })

  app.addHook('preValidation', async (request) => {
    if (reads.includes(request.method) || request.caller?.kind !== 'browser') return
    // Signing in has no session yet to be named; our own Origin was demanded above.
    if (request.routeOptions.config.open) return
    const session = request.cookies[sessionCookie(http)] ?? ''
    const given = header(request, 'x-csrf-token') ?? takeField(request.body, '_csrf')
    if (!isCsrfToken(given, session))
      throw new AppError('forbidden', 'The form was not one of this session', {
        hint: 'Reload the page and try again.',
      })
  })

  /** No cookie counts and no person's token, and a page of somebody else has no business here. */
  const mustBeAgent = (request: FastifyRequest): void => {
    if (request.headers.origin !== undefined) mustBeOurPage(request)
    if (request.caller?.kind === 'agent') return
    throw new AppError('unauthorized', 'Expected the agent’s credential as a bearer token', {
      hint: 'Send "Authorization: Bearer <token>" with the token in credentials/agent under the data folder.',
    })
  }

  const mustBeOurPage = ({ headers }: FastifyRequest): void => {
    if (!isOurOrigin(headers.origin, headers.host, http.publicUrl))
      throw new AppError('forbidden', 'This did not come from a page of Mission Control', {
        hint: 'Reload the page and try again.',
      })
  }

  const identify = async (request: FastifyRequest): Promise<Caller | null> => {
    const authorization = header(request, 'authorization')
    if (authorization !== undefined) {
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
      const found = token ? await deps.credentials.verify(token, bearers) : null
      if (!found)
        throw new AppError('unauthorized', 'The credential is not valid', {
          hint: 'Use the token in credentials/cli (Luci: credentials/agent) under the data folder.',
        })
      if (found.kind === 'webhook') return asWebhook(found)
      const kind = found.kind === 'agent' || found.kind === 'metrics' ? found.kind : 'cli'
      return { kind, credentialId: found.id, turn: null, csrf: null }
    }
    const session = request.cookies[sessionCookie(http)]
    const found = session ? await deps.credentials.verify(session, ['browser']) : null
    if (!session || !found) return null
    await deps.sessions.seen(found.id, header(request, 'user-agent'))
    return { kind: 'browser', credentialId: found.id, turn: null, csrf: csrfToken(session) }
  }
}

const asWebhook = ({ id, label, shape }: Credential): Caller => ({
  kind: 'webhook',
  credentialId: id,
  turn: null,
  csrf: null,
  webhook: { name: label ?? id, shape },
})

/** It may post what it was made for, and nothing else: not even read. */
const mustBeItsOwn = ({ webhook }: Caller, takes: string | undefined): void => {
  if (takes === undefined)
    throw new AppError('forbidden', 'A webhook’s credential may post events, and nothing else')
  if (webhook?.shape && webhook.shape !== (takes === 'item' ? 'plain' : takes))
    throw new AppError('forbidden', `This webhook may post to webhooks/${webhook.shape} alone`)
}

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The field, removed: what is left is the form's own. */
const takeField = (body: unknown, name: string): unknown => {
  if (typeof body !== 'object' || body === null || !(name in body)) return undefined
  const fields = body as Record<string, unknown>
  const value = fields[name]
  delete fields[name]
  return value
}
