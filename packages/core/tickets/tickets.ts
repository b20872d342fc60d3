import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Actor, record } from './events.ts'
import { type Filed, file, fileOnce } from './filing.ts'
import {
  isClosed,
  type NewTicket,
  type Ticket,
  type TicketChange,
  type TicketEvent,
  type TicketStatus,
  ticketKey,
  toTicket,
  toTicketEvent,
} from './ticket.ts'

export type { Actor, Filed }

export type TicketFilter = {
  status?: TicketStatus
  open?: boolean
  label?: string
  /** Only tickets with a smaller id: the next page of a list, newest first. */
  before?: number
  limit?: number
}

/** Work lives here. Every change leaves an event with who, before and after. */
export const createTickets = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())

  const find = async (id: number, tx: Database = db): Promise<Ticket | null> => {
    const row = await tx.kysely
      .selectFrom('tickets')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toTicket(row) : null
  }

  const get = async (id: number, tx: Database = db): Promise<Ticket> => {
    const ticket = await find(id, tx)
    if (!ticket) throw new AppError('not_found', `There is no ticket ${ticketKey(id)}`)
    return ticket
  }

  const change = async (id: number, change: TicketChange, by: Actor, kind = 'edited') =>
    db.transaction(async (tx) => {
      const before = await get(id, tx)
      if (change.version !== undefined && change.version !== before.version)
        throw new AppError('conflict', `${before.key} was changed by somebody else meanwhile`, {
          hint: 'Look at it again, then repeat your change on what is there now.',
        })
      const status = change.status ?? before.status
      const at = now()
      const row = await tx.kysely
        .updateTable('tickets')
        .set({
          title: change.title ?? before.title,
          body: change.body ?? before.body,
          status,
          resolution: isClosed(status) ? (change.resolution ?? before.resolution) : null,
          priority: change.priority ?? before.priority,
          labels: JSON.stringify(change.labels ?? before.labels),
          due: change.due === undefined ? before.due : change.due,
          version: before.version + 1,
          updated_at: at,
          closed_at: isClosed(status) ? (before.closedAt ?? at) : null,
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      if (status !== before.status)
        await record(tx, clock, id, by, {
          kind: kind === 'edited' ? 'moved' : kind,
          before: before.status,
          after: status,
        })
      for (const field of ['title', 'body', 'priority', 'due'] as const)
        if (change[field] !== undefined && change[field] !== before[field])
          await record(tx, clock, id, by, {
            kind: 'edited',
            body: field,
            before: before[field],
            after: change[field],
          })
      return toTicket(row)
    })

  return {
    find: (id: number) => find(id),
    /** Throws `not_found`. */
    get: (id: number) => get(id),

    /** Files a ticket as it is, without looking for a like one. */
    file: (ticket: NewTicket, by: Actor): Promise<Ticket> =>
      db.transaction((tx) => file(tx, clock, ticket, by)),

    /** Files a ticket for a fingerprint, or counts it on the one there is: see filing.ts. */
    fileOnce: (ticket: NewTicket & { fingerprint: string }, by: Actor): Promise<Filed> =>
      db.transaction((tx) => fileOnce(tx, clock, ticket, by)),

    /** The open ticket of a fingerprint; null when there is none. */
    async openFor(fingerprint: string): Promise<Ticket | null> {
      const row = await db.kysely
        .selectFrom('tickets')
        .selectAll()
        .where('fingerprint', '=', fingerprint)
        .where('closed_at', 'is', null)
        .executeTakeFirst()
      return row ? toTicket(row) : null
    },

    /** Newest first. */
    async list(filter: TicketFilter = {}): Promise<Ticket[]> {
      let query = db.kysely
        .selectFrom('tickets')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(Math.min(filter.limit ?? 50, 500))
      if (filter.status) query = query.where('status', '=', filter.status)
      if (filter.open) query = query.where('closed_at', 'is', null)
      if (filter.before) query = query.where('id', '<', filter.before)
      if (filter.label) query = query.where('labels', 'like', `%${JSON.stringify(filter.label)}%`)
      return (await query.execute()).map(toTicket)
    },

    /** Oldest first. */
    async events(id: number): Promise<TicketEvent[]> {
      const rows = await db.kysely
        .selectFrom('ticket_events')
        .selectAll()
        .where('ticket_id', '=', id)
        .orderBy('id')
        .execute()
      return rows.map(toTicketEvent)
    },

    comment: (id: number, body: string, by: Actor): Promise<TicketEvent> =>
      db.transaction(async (tx) => {
        await get(id, tx)
        const event = await record(tx, clock, id, by, { kind: 'commented', body })
        await tx.kysely
          .updateTable('tickets')
          .set({ updated_at: now() })
          .where('id', '=', id)
          .execute()
        return event
      }),

    /** Throws `conflict` when `version` is given and old. */
    change: (id: number, what: TicketChange, by: Actor): Promise<Ticket> => change(id, what, by),

    move: (id: number, status: TicketStatus, by: Actor): Promise<Ticket> =>
      change(id, { status }, by),

    /** `id` waits for `blockedBy`. Throws `conflict` for a circle. */
    link: (id: number, blockedBy: number, by: Actor): Promise<void> =>
      db.transaction(async (tx) => {
        await get(id, tx)
        await get(blockedBy, tx)
        if (await reaches(tx, blockedBy, id))
          throw new AppError(
            'conflict',
            `${ticketKey(id)} cannot wait for ${ticketKey(blockedBy)}, which waits for ${ticketKey(id)} itself`,
          )
        const result = await tx.kysely
          .insertInto('ticket_links')
          .values({ ticket_id: id, blocked_by_id: blockedBy })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (result.numInsertedOrUpdatedRows)
          await record(tx, clock, id, by, { kind: 'linked', after: ticketKey(blockedBy) })
      }),

    /** The tickets that this one waits for. */
    async blockers(id: number): Promise<Ticket[]> {
      const rows = await db.kysely
        .selectFrom('ticket_links')
        .innerJoin('tickets', 'tickets.id', 'ticket_links.blocked_by_id')
        .selectAll('tickets')
        .where('ticket_id', '=', id)
        .orderBy('tickets.id')
        .execute()
      return rows.map(toTicket)
    },
  }
}

export type Tickets = ReturnType<typeof createTickets>

/** Whether `from` waits, through any chain, for `to`. */
const reaches = async (tx: Database, from: number, to: number): Promise<boolean> => {
  const seen = new Set<number>()
  let edge = [from]
  while (edge.length > 0) {
    if (edge.includes(to)) return true
    for (const id of edge) seen.add(id)
    const rows = await tx.kysely
      .selectFrom('ticket_links')
      .select('blocked_by_id')
      .where('ticket_id', 'in', edge)
      .execute()
    edge = rows.map((row) => row.blocked_by_id).filter((id) => !seen.has(id))
  }
  return false
}
