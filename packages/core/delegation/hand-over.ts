import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { lockTicket } from '../tickets/lock.ts'
import { type Ticket, toTicket } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { HANDED_OVER } from '../trust/decide.ts'
import { createTurns } from '../turns/turns.ts'

/** Something that the ticket waits for is not done. */
const isBlocked = sql<boolean>`exists (
  select 1 from ticket_links l join tickets b on b.id = l.blocked_by_id
  where l.ticket_id = tickets.id and b.status <> 'done')`
const waits = sql<boolean>`exists (select 1 from ticket_links l where l.ticket_id = tickets.id)`

// The first is a literal: with a parameter SQLite could not use the partial index.
const isReady = sql<boolean>`does = 'luci' and handed_at is null and closed_at is null
  and status in ('todo', 'blocked') and not ${isBlocked}`

/** Tickets of Luci's that nothing keeps from being begun, oldest first. */
const ready = async (db: Database): Promise<Ticket[]> => {
  const rows = await db.kysely
    .selectFrom('tickets')
    .selectAll()
    .where(isReady)
    .orderBy('id')
    .execute()
  return rows.map(toTicket)
}

/**
 * Tells Luci of the tickets that a person gave her, once nothing keeps her from them: each as one
 * turn, in the transaction that moves it to doing, so that she is told once. `held` is asked in
 * it too: whoever pauses takes the same lock. Returns their keys.
 */
export const handToLuci = async (
  db: Database,
  clock: Clock,
  held?: (on: Database) => Promise<unknown>,
): Promise<string[]> => {
  const handed: string[] = []
  for (const { id, key } of await ready(db)) {
    const isOurs = await db.transaction(async (tx) => {
      await lockName(tx, 'delegate')
      if (await held?.(tx)) return false
      const { numUpdatedRows } = await tx.kysely
        .updateTable('tickets')
        .set({ handed_at: isoTime(clock.now()) })
        .where('id', '=', id)
        // A person may have closed it since the look.
        .where(isReady)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await createTurns(tx, clock).queue({
        text: `Do ${key} now (mc ticket show ${key}). It was given to you and nothing it waits for is open. When you are done, comment the result on it and move it to review; if you cannot do it, comment why and move it to todo.`,
        // A person accepted that she does it; the words are not theirs.
        origin: 'user',
        author: HANDED_OVER,
      })
      await createTickets(tx, clock).move(id, 'doing', { actor: 'pickup' })
      return true
    })
    if (isOurs) handed.push(key)
  }
  return handed
}

/**
 * A ticket of a proposal that waited for others goes to todo when these are done: a person's, one
 * that nobody was given, a worker's without a run that would begin now. What a person blocked by
 * hand is left to them.
 */
export const unblock = async (db: Database, clock: Clock): Promise<string[]> => {
  const rows = await db.kysely
    .selectFrom('tickets')
    .selectAll()
    .where('status', '=', 'blocked')
    .where(({ or, and, not, exists, eb }) =>
      or([
        eb('does', 'is', null),
        eb('does', '=', 'person'),
        and([
          eb('does', '=', 'worker'),
          not(
            exists(
              eb
                .selectFrom('runs')
                .select('runs.id')
                .whereRef('runs.ticket_id', '=', 'tickets.id')
                .where('runs.status', 'in', ['queued', 'running']),
            ),
          ),
        ]),
      ]),
    )
    .where('proposal_id', 'is not', null)
    .where(waits)
    .where(({ not }) => not(isBlocked))
    .execute()
  const unblocked: string[] = []
  for (const { id } of rows)
    await db.transaction(async (tx) => {
      await lockTicket(tx, id)
      const tickets = createTickets(tx, clock)
      const { key, status } = await tickets.get(id)
      // A person, or another pickup, may have moved it since the look.
      if (status !== 'blocked') return
      await tickets.move(id, 'todo', { actor: 'pickup' })
      unblocked.push(key)
    })
  return unblocked
}
