import type { Database } from '@mc/db/database.ts'
import { type SqlBool, sql } from 'kysely'
import type { Priority } from '../inbox/item.ts'
import { type Ticket, type TicketStatus, toTicket } from './ticket.ts'

export type TicketFilter = {
  status?: TicketStatus
  open?: boolean
  label?: string
  priority?: Priority
  source?: string
  /** Its title has this text somewhere; case does not matter. */
  text?: string
  /** The parts of this ticket. */
  parentId?: number
  /** Those filed from these proposals. */
  proposals?: readonly string[]
  /** Waits for no open ticket: whatever holds it up, nobody works on it. */
  stuck?: true
  /** These, and no others. */
  ids?: readonly number[]
  /** Only tickets with a smaller id: the next page of a list, newest first. */
  before?: number
  limit?: number
}

/** Newest first. */
export const listTickets = async (db: Database, filter: TicketFilter = {}): Promise<Ticket[]> => {
  let query = db.kysely
    .selectFrom('tickets')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(Math.min(filter.limit ?? 50, 500))
  if (filter.status) query = query.where('status', '=', filter.status)
  if (filter.open) query = query.where('closed_at', 'is', null)
  if (filter.before) query = query.where('id', '<', filter.before)
  if (filter.priority) query = query.where('priority', '=', filter.priority)
  if (filter.source) query = query.where('source', '=', filter.source)
  if (filter.parentId) query = query.where('parent_id', '=', filter.parentId)
  if (filter.proposals) query = query.where('proposal_id', 'in', [...filter.proposals, ''])
  if (filter.ids) query = query.where('id', 'in', [...filter.ids, -1])
  if (filter.stuck)
    query = query.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('ticket_links')
            .innerJoin('tickets as blocker', 'blocker.id', 'ticket_links.blocked_by_id')
            .select('blocker.id')
            .whereRef('ticket_links.ticket_id', '=', 'tickets.id')
            .where('blocker.closed_at', 'is', null),
        ),
      ),
    )
  if (filter.label) query = query.where(contains('labels', JSON.stringify(filter.label)))
  if (filter.text) query = query.where(contains('title', filter.text))
  return (await query.execute()).map(toTicket)
}

/** What is looked for is text, whatever signs of `like` it has. */
const contains = (column: string, text: string) =>
  sql<SqlBool>`lower(${sql.ref(column)}) like ${`%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`} escape '\\'`
