import { orderInText } from '@mc/core/digest/orders.ts'
import { inFlightTurnStates, type TurnOrigin } from '@mc/core/turns/turn.ts'
import type { Turns } from '@mc/core/turns/turns.ts'
import type { FastifyInstance } from 'fastify'

/** Turns that give no right which could be abused. */
const rightless: readonly TurnOrigin[] = ['pane', 'system']

/** Our own words: what a turn holds was looked at when it was made. */
const ours = /^\/api\/v1\/(?:turns|status|persistent_luci|digests)\b/

/**
 * Notes on the turn she answers that Luci read a text which speaks to her (a ticket's comment, an
 * item in full). Nothing is kept from her; but in a digest's turn she lowers no verdict any more
 * (see digest/verdicts.ts) and in a person's nothing is done at once by trust (see
 * trust/decide.ts), so whoever wrote it gains nothing.
 */
export const watchReading = (app: FastifyInstance, turns: Turns): void => {
  app.addHook('onSend', async (request, _reply, payload) => {
    if (request.caller?.kind !== 'agent' || request.method !== 'GET') return
    if (typeof payload !== 'string' || ours.test(request.url)) return
    const order = orderInText(unquoted(payload))
    if (!order) return
    for (const turn of await turns.inFlight())
      if (!rightless.includes(turn.origin) && inFlightTurnStates.includes(turn.state))
        await turns.note(turn.id, { swayed: order })
  })
}

/** The texts in JSON, as they read. */
const unquoted = (json: string): string =>
  json
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replaceAll('\\"', '"')
