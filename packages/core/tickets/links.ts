import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Actor, record } from './events.ts'
import { lockTicket } from './lock.ts'
import { type Ticket, ticketKey, toTicket } from './ticket.ts'

/** More of a ticket's kin than this is for the board, not for its page. */
const KIN_MAX = 100
/** More links than this nobody can follow in one drawing. */
const WAITS_MAX = 1_000

/** What a ticket waits for, what waits for it, and what it is a part of. No way leads in a circle. */
export const createLinks = (db: Database, clock: Clock) => {
  const exists = async (tx: Database, id: number): Promise<void> => {
    const row = await tx.kysely
      .selectFrom('tickets')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `There is no ticket ${ticketKey(id)}`)
  }

  /**
   * Links are drawn one after the other: two at once could close a circle between them. Whoever
   * holds the ticket already may draw its links too (unless-given.ts), so it is locked first.
   */
  const drawing = <T>(id: number, work: (tx: Database) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await lockTicket(tx, id)
      await lockName(tx, 'ticket-links')
      return work(tx)
    })

  const kin = async (from: 'ticket_id' | 'blocked_by_id', id: number): Promise<Ticket[]> => {
    const to = from === 'ticket_id' ? 'blocked_by_id' : 'ticket_id'
    const rows = await db.kysely
      .selectFrom('ticket_links')
      .innerJoin('tickets', 'tickets.id', `ticket_links.${to}`)
      .selectAll('tickets')
      .where(`ticket_links.${from}`, '=', id)
      .orderBy('tickets.id')
      .limit(KIN_MAX)
      .execute()
    return rows.map(toTicket)
  }

  return {
    /** `id` waits for `blockedBy`. Throws `conflict` for a circle. */
    link: (id: number, blockedBy: number, by: Actor): Promise<void> =>
      drawing(id, async (tx) => {
        await exists(tx, id)
        await exists(tx, blockedBy)
        if (await reaches(tx, waitsFor, blockedBy, id))
          throw new AppError(
            'conflict',
            id === blockedBy
              ? `${ticketKey(id)} cannot wait for itself`
              : `${ticketKey(id)} cannot wait for ${ticketKey(blockedBy)}, which waits for ${ticketKey(id)} itself`,
          )
        const result = await tx.kysely
          .insertInto('ticket_links')
          .values({ ticket_id: id, blocked_by_id: blockedBy })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (result.numInsertedOrUpdatedRows)
          await record(tx, clock, id, by, { kind: 'linked', after: ticketKey(blockedBy) })
      }),

    /** Nothing happens when it does not wait for it. */
    unlink: (id: number, blockedBy: number, by: Actor): Promise<void> =>
      drawing(id, async (tx) => {
        const gone = await tx.kysely
          .deleteFrom('ticket_links')
          .where('ticket_id', '=', id)
          .where('blocked_by_id', '=', blockedBy)
          .executeTakeFirst()
        if (gone.numDeletedRows)
          await record(tx, clock, id, by, { kind: 'unlinked', before: ticketKey(blockedBy) })
      }),

    /** The tickets that this one waits for. */
    blockers: (id: number): Promise<Ticket[]> => kin('ticket_id', id),

    /** Who of these waits for whom, in one look. */
    async waits(ids: readonly number[]): Promise<{ id: number; blockedBy: number }[]> {
      if (ids.length === 0) return []
      const rows = await db.kysely
        .selectFrom('ticket_links')
        .select(['ticket_id', 'blocked_by_id'])
        .where('ticket_id', 'in', [...ids])
        .orderBy('ticket_id')
        .orderBy('blocked_by_id')
        .limit(WAITS_MAX)
        .execute()
      return rows.map((row) => ({ id: row.ticket_id, blockedBy: row.blocked_by_id }))
    },

    /** The tickets that wait for this one. */
    blocking: (id: number): Promise<Ticket[]> => kin('blocked_by_id', id),

    /** `id` becomes a part of `parent`, or of none (null). Throws `conflict` for a circle. */
    setParent: (id: number, parent: number | null, by: Actor): Promise<void> =>
      drawing(id, async (tx) => {
        await exists(tx, id)
        if (parent !== null) {
          await exists(tx, parent)
          if (await reaches(tx, isPartOf, parent, id))
            throw new AppError(
              'conflict',
              id === parent
                ? `${ticketKey(id)} cannot be a part of itself`
                : `${ticketKey(id)} cannot be a part of ${ticketKey(parent)}, which is a part of ${ticketKey(id)} itself`,
            )
        }
        const before = await tx.kysely
          .selectFrom('tickets')
          .select('parent_id')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        if (before.parent_id === parent) return
        await tx.kysely
          .updateTable('tickets')
          .set((eb) => ({
            parent_id: parent,
            version: eb('version', '+', 1),
            updated_at: isoTime(clock.now()),
          }))
          .where('id', '=', id)
          .execute()
        await record(tx, clock, id, by, {
          kind: 'edited',
          body: 'parent',
          before: before.parent_id === null ? null : ticketKey(before.parent_id),
          after: parent === null ? null : ticketKey(parent),
        })
      }),
  }
}

type Step = (tx: Database, ids: readonly number[]) => Promise<number[]>

const waitsFor: Step = async (tx, ids) => {
  const rows = await tx.kysely
    .selectFrom('ticket_links')
    .select('blocked_by_id')
    .where('ticket_id', 'in', [...ids])
    .execute()
  return rows.map((row) => row.blocked_by_id)
}

const isPartOf: Step = async (tx, ids) => {
  const rows = await tx.kysely
    .selectFrom('tickets')
    .select('parent_id')
    .where('id', 'in', [...ids])
    .where('parent_id', 'is not', null)
    .execute()
  return rows.flatMap((row) => (row.parent_id === null ? [] : [row.parent_id]))
}

/** Whether steps of this kind lead from one ticket, through any others, to the other. */
const reaches = async (tx: Database, step: Step, from: number, to: number): Promise<boolean> => {
  const seen = new Set<number>()
  let edge = [from]
  while (edge.length > 0) {
    if (edge.includes(to)) return true
    for (const id of edge) seen.add(id)
    edge = (await step(tx, edge)).filter((id) => !seen.has(id))
  }
  return false
}
