import type { Database } from '@mc/db/database.ts'
import { type Alert, toAlert } from '../alerts/alert.ts'
import { type Item, toItem } from '../inbox/item.ts'

/** What led to a ticket, newest first; one more than `limit` says that there is more. */
export const createRelated = (db: Database) => ({
  /** Items of the inbox that filed it or were counted on it. */
  async items(ticketId: number, limit: number): Promise<Item[]> {
    const rows = await db.kysely
      .selectFrom('effects')
      .innerJoin('orchestrator_inbox', 'orchestrator_inbox.id', 'effects.item_id')
      .selectAll('orchestrator_inbox')
      .where('effects.effect', '=', 'ticket')
      .where('effects.ref', '=', String(ticketId))
      .orderBy('effects.item_id', 'desc')
      .limit(limit + 1)
      .execute()
    return rows.map(toItem)
  },

  async alerts(ticketId: number, limit: number): Promise<Alert[]> {
    const rows = await db.kysely
      .selectFrom('alerts')
      .selectAll()
      .where('ticket_id', '=', ticketId)
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return rows.map(toAlert)
  },
})
