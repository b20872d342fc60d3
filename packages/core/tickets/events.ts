import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { type TicketEvent, toTicketEvent } from './ticket.ts'

/** Who does it (`person`, `luci`, `pickup`, `scheduler`, `cli`) and from where it came. */
export type Actor = { actor: string; source?: string }

export type NewEvent = {
  kind: string
  body?: string
  before?: string | null
  after?: string | null
}

/** One more line of a ticket's history, which is only ever added to. */
export const record = async (
  tx: Database,
  clock: Clock,
  ticketId: number,
  by: Actor,
  event: NewEvent,
): Promise<TicketEvent> => {
  const row = await tx.kysely
    .insertInto('ticket_events')
    .values({
      ticket_id: ticketId,
      at: isoTime(clock.now()),
      actor: by.actor,
      kind: event.kind,
      body: event.body ?? null,
      before: event.before ?? null,
      after: event.after ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toTicketEvent(row)
}
