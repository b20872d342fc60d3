import { orderInText } from '@mc/core/digest/orders.ts'
import { inFlightTurnStates } from '@mc/core/turns/turn.ts'
import type { Turns } from '@mc/core/turns/turns.ts'
import type { FastifyInstance } from 'fastify'

/** Our own words: what a turn holds was looked at when it was made. */
const ours = /^\/api\/v1\/(?:turns|status|persistent_luci|digests)\b/

/**
 * Notes on a digest's turn that Luci read a text which speaks to her (a ticket's comment, an
 * item in full). Nothing is kept from her; but in that turn she lowers no verdict any more (see
 * digest/verdicts.ts), so whoever wrote it gains nothing for another item.
 */
export const watchReading = (app: FastifyInstance, turns: Turns): void => {
  app.addHook('onSend', async (request, _reply, payload) => {
    if (request.caller?.kind !== 'agent' || request.method !== 'GET') return
    if (typeof payload !== 'string' || ours.test(request.url)) return
    const order = orderInText(unquoted(payload))
    if (!order) return
    for (const turn of await turns.inFlight())
      if (turn.origin === 'digest' && inFlightTurnStates.includes(turn.state))
        await turns.note(turn.id, { swayed: order })
  })
}

/** The texts in JSON, as they read. */
const unquoted = (json: string): string =>
  json
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replaceAll('\\"', '"')
