import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { TicketsTable, TurnsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import type { Clock } from '../clock.ts'
import { lockTicket } from '../tickets/lock.ts'
import { parseTicketKey } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { HANDED_OVER } from '../trust/decide.ts'
import type { TurnState } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'

/** Ends of a turn without an answer. */
const ends: readonly TurnState[] = ['interrupted', 'failed', 'lost', 'unknown']

type Given = Pick<Selectable<TicketsTable>, 'id' | 'handed_at'>
type Ended = Pick<Selectable<TurnsTable>, 'id' | 'text' | 'state' | 'created_at' | 'evidence'>

/** Which of Luci's tickets was to be done in which turn that ended without an answer. Pure. */
const pairs = (given: readonly Given[], turns: readonly Ended[]) =>
  turns.flatMap((turn) => {
    // The turn names its ticket first: see hand-over.ts.
    const id = parseTicketKey(/^Do (MC-\d+) /.exec(turn.text)?.[1] ?? '')
    const ticket = given.find((one) => one.id === id)
    const isTold = turn.evidence?.includes('"told"') ?? false
    // One of before was taken back, and the ticket handed over anew since.
    const isOld = turn.created_at < (ticket?.handed_at ?? '')
    return ticket && !isTold && !isOld ? [{ ticket, turn }] : []
  })

/**
 * A ticket that Luci was told to do, in a turn that failed, was stopped or got lost, goes back to
 * todo and says so, once. Returns how many.
 */
export const takeFromLuci = async (db: Database, clock: Clock): Promise<number> => {
  const look = async (on: Database) => {
    const given = await on.kysely
      .selectFrom('tickets')
      .select(['id', 'handed_at'])
      .where('status', '=', 'doing')
      .where('does', '=', 'luci')
      .where('handed_at', 'is not', null)
      .execute()
    if (given.length === 0) return []
    const turns = await on.kysely
      .selectFrom('turns')
      .select(['id', 'text', 'state', 'created_at', 'evidence'])
      .where('state', 'in', ends)
      .where('author', '=', HANDED_OVER)
      .execute()
    return pairs(given, turns)
  }
  if ((await look(db)).length === 0) return 0
  return db.transaction(async (tx) => {
    // Another pickup may have been first.
    await lockName(tx, 'delegate')
    const tickets = createTickets(tx, clock)
    const by = { actor: 'pickup' }
    let count = 0
    for (const { ticket, turn } of await look(tx)) {
      await lockTicket(tx, ticket.id)
      // A person may have moved it this moment.
      if ((await tickets.get(ticket.id)).status !== 'doing') continue
      count += 1
      await createTurns(tx, clock).note(turn.id, { told: true })
      await tickets.comment(ticket.id, words(turn), by)
      await tickets.move(ticket.id, 'todo', by)
    }
    return count
  })
}

const words = ({ id, state }: Ended): string =>
  `Luci was told to do this, but that message ended ${state}${state === 'unknown' ? ': nobody can say whether she got it' : ''} ([turn ${id}](/turns/${id})). What she did until then stays. She is not told again by herself: ask her in the thread, or do it another way.`
