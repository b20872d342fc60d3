import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { parseTicketKey, ticketKey } from '../tickets/ticket.ts'

/** Of these tickets, by key, the ones that a worker waits for or works on, each with its run. */
export const workedOn = async (
  db: Database,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const ids = keys.flatMap((key) => parseTicketKey(key) ?? [])
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['id', 'ticket_id'])
    .where('ticket_id', 'in', ids)
    .where('status', 'in', ['queued', 'running'])
    .execute()
  return new Map(rows.map(({ id, ticket_id }) => [ticketKey(Number(ticket_id)), id]))
}

/**
 * The run of a worker who is told this ticket's title: as its own, as what its ticket is a part
 * of, or as what was done before it. Null: none.
 */
export const runToldOf = async (db: Database, ticketId: number): Promise<string | null> => {
  const row = await db.kysely
    .selectFrom('runs')
    .innerJoin('tickets', 'tickets.id', 'runs.ticket_id')
    .select('runs.id')
    .where('runs.status', 'in', ['queued', 'running'])
    .where((eb) =>
      eb.or([
        eb('tickets.id', '=', ticketId),
        eb('tickets.parent_id', '=', ticketId),
        sql<boolean>`exists (select 1 from ticket_links l
          where l.ticket_id = tickets.id and l.blocked_by_id = ${ticketId})`,
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}
