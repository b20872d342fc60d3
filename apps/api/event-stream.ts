import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/**
 * Begins a stream of server-sent events in the reply's place, with the headers that hooks have set
 * on it. `retryMs`: how long a browser waits before it connects again. The caller ends what comes.
 */
export const beginEvents = (reply: FastifyReply, retryMs: number): ServerResponse => {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that buffer would hold the story back.
    'x-accel-buffering': 'no',
  })
  if (reply.request.caller) reply.server.openStreams.hold(reply.request.caller.credentialId, raw)
  raw.write(`retry: ${retryMs}\n\n`)
  return raw
}
