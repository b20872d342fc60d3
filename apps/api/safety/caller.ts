import { AppError } from '@mc/core/errors.ts'
import type { Actor } from '@mc/core/tickets/tickets.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import type { ShapeName } from '@mc/core/webhooks/shapes.ts'

/** Who is asking. `turn` is the one an agent named, in flight; null for people. */
export type Caller = {
  kind: 'browser' | 'cli' | 'agent' | 'metrics' | 'webhook'
  credentialId: string
  turn: Turn | null
  /** What the forms of this session must carry; null without a session. */
  csrf: string | null
  /** Which webhook, and the one shape it may post; null: any. */
  webhook?: { name: string; shape: string | null }
}

/** The guard let nobody through without one. */
export const callerOf = (request: { caller: Caller | null }): Caller => {
  if (!request.caller) throw new AppError('unauthorized', 'You are not signed in')
  return request.caller
}

/** As the audit names the caller. */
export const actorOf = (caller: Caller): Actor =>
  caller.kind === 'webhook'
    ? { actor: 'webhook', source: caller.webhook?.name ?? 'webhook' }
    : caller.kind === 'agent'
      ? { actor: 'luci', source: 'luci' }
      : { actor: 'person', source: caller.kind === 'cli' ? 'cli' : 'composer' }

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Readable without a credential. */
    open?: boolean
    /** Readable also with the credential that opens nothing else. */
    metrics?: boolean
    /** Its answer holds a secret, which must not be kept for a repeated request. */
    secretAnswer?: boolean
    /** Luci's credential alone, and no turn yet: each call names the one it is for. */
    agentOnly?: boolean
    /** What a webhook's credential may post here; without it none may. */
    webhook?: ShapeName | 'item'
    /** Who may use a mutating route; a route that says nothing is a person's alone. */
    may?: Right
  }
}

/**
 * person: nobody but a person. turn: also Luci in a person's turn. digest: also Luci in a digest
 * turn, within that digest. verdict: the same, and for a while after the digest's deadline.
 */
export type Right = 'person' | 'turn' | 'digest' | 'verdict'
