import type { ServerResponse } from 'node:http'

declare module 'fastify' {
  interface FastifyInstance {
    openStreams: OpenStreams
  }
}

/**
 * A request is checked when it comes, and a stream of events is one request for hours: whoever is
 * signed out must not go on listening.
 */
export const createOpenStreams = () => {
  const streams = new Map<string, Set<ServerResponse>>()
  return {
    /** Remembers an open stream until it closes. `credentialId`: whose it is. */
    hold(credentialId: string, raw: ServerResponse): void {
      const held = streams.get(credentialId) ?? new Set()
      streams.set(credentialId, held.add(raw))
      raw.once('close', () => {
        held.delete(raw)
        if (held.size === 0) streams.delete(credentialId)
      })
    },

    /** Closes what a credential listens to; a browser that comes again is asked to sign in. */
    cut(credentialId: string): void {
      for (const raw of streams.get(credentialId) ?? []) raw.destroy()
    },
  }
}

export type OpenStreams = ReturnType<typeof createOpenStreams>
