import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Actor, record } from './events.ts'
import { type Assignment, type Filed, type Filing, file, fileOnce } from './filing.ts'
import { lastRunsOf } from './last-runs.ts'
import { createLinks } from './links.ts'
import { listTickets, type TicketFilter } from './listing.ts'
import { lockTicket } from './lock.ts'
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

export type { Actor, Filed, TicketFilter }

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

  const change = async (id: number, change: TicketChange, by: Actor) =>
    db.transaction(async (tx) => {
      // Postgres would let two read the same version, and both write.
      await lockTicket(tx, id)
      const before = await get(id, tx)
      if (change.version !== undefined && change.version !== before.version)
        throw new AppError('conflict', `${before.key} was changed by somebody else meanwhile`, {
          hint: 'Look at it again, then repeat your change on what is there now.',
          stale: true,
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
          kind: isClosed(before.status) && !isClosed(status) ? 'reopened' : 'moved',
          ...(isClosed(status) && change.resolution ? { body: change.resolution } : {}),
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
      const labels = [before.labels, change.labels ?? before.labels].map((one) => one.join(', '))
      if (labels[0] !== labels[1])
        await record(tx, clock, id, by, {
          kind: 'edited',
          body: 'labels',
          before: labels[0] ?? '',
          after: labels[1] ?? '',
        })
      return toTicket(row)
    })

  return {
    find: (id: number) => find(id),
    /** Throws `not_found`. */
    get: (id: number) => get(id),

    /** Files a ticket as it is, without looking for a like one. */
    file: (ticket: NewTicket & Assignment, by: Actor): Promise<Ticket> =>
      db.transaction((tx) => file(tx, clock, ticket, by)),

    /** Files a ticket for a fingerprint, or counts it on the one there is: see filing.ts. */
    fileOnce: (ticket: Filing, by: Actor): Promise<Filed> =>
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
    list: (filter: TicketFilter = {}): Promise<Ticket[]> => listTickets(db, filter),

    /** See last-runs.ts. */
    lastRuns: (ids: readonly number[]) => lastRunsOf(db, ids),

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

    /** `mark`: it is no word of who caused it, and of what kind it is; a person's own has none. */
    comment: (
      id: number,
      body: string,
      by: Actor,
      { mark }: { mark?: string } = {},
    ): Promise<TicketEvent> =>
      db.transaction(async (tx) => {
        await get(id, tx)
        const before = mark ?? null
        const event = await record(tx, clock, id, by, { kind: 'commented', body, before })
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

    ...createLinks(db, clock),
  }
}

export type Tickets = ReturnType<typeof createTickets>
