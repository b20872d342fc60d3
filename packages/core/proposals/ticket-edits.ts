import type { Database } from '@mc/db/database.ts'
import { AppError } from '../errors.ts'
import { ticketKey } from '../tickets/ticket.ts'
import { handed, lockTickets } from './lock-tickets.ts'
import type { Content, Proposal } from './proposal.ts'

/** What a worker is told of its ticket. Where a ticket stands, or what is said below it, is no edit. */
const toldFields = ['title', 'body'] as const
export type ToldField = (typeof toldFields)[number]

/** A ticket that a proposal hands to a worker reads otherwise than when that was proposed. */
export type TicketEdit = {
  ticket: string
  fields: { field: ToldField; before: string; after: string }[]
  /** Grows with every edit: who accepts names the largest that they have looked at. */
  edit: number
}

type Pinned = Pick<Proposal, 'id' | 'content' | 'createdAt'>

/**
 * What was changed, since each was proposed, on the tickets that it hands to workers, by proposal;
 * what reads again as it did is no change. One query for all of them. `seen`: only what came after
 * that edit.
 */
export const ticketEdits = async (
  db: Database,
  proposals: readonly Pinned[],
  seen = 0,
): Promise<Map<string, TicketEdit[]>> => {
  const pinned = proposals.filter(({ content }) => handed(content).length > 0)
  const [first] = pinned.map(({ createdAt }) => createdAt).sort()
  if (first === undefined) return new Map()
  const events = await db.kysely
    .selectFrom('ticket_events')
    .select(['id', 'ticket_id', 'at', 'body', 'before', 'after'])
    .where('ticket_id', 'in', [...new Set(pinned.flatMap(({ content }) => handed(content)))])
    .where('kind', '=', 'edited')
    .where('body', 'in', toldFields)
    .where('at', '>', first)
    .where('id', '>', seen)
    .orderBy('id')
    .execute()
  return new Map(
    pinned.map(({ id, content, createdAt }) => [
      id,
      handed(content).flatMap((ticketId) => {
        const its = events.filter(
          (event) => Number(event.ticket_id) === ticketId && event.at > createdAt,
        )
        const fields = toldFields.flatMap((field) => netChange(field, its))
        const edit = Math.max(0, ...its.map((event) => Number(event.id)))
        return fields.length > 0 ? [{ ticket: ticketKey(ticketId), fields, edit }] : []
      }),
    ]),
  )
}

/** Throws `conflict`, in words, when a chosen step hands over a ticket that was changed meanwhile. */
export const refuseEdited = async (
  tx: Database,
  { id, createdAt }: Pinned,
  content: Content,
  seen = 0,
): Promise<void> => {
  await lockTickets(tx, content)
  const edits = (await ticketEdits(tx, [{ id, content, createdAt }], seen)).get(id) ?? []
  if (edits.length === 0) return
  const since = seen > 0 ? 'since you looked at it' : 'since this was proposed'
  throw new AppError('conflict', edits.map((one) => whatChanged(one, since)).join('; '), {
    hint: `Look at what it says now (its page, or mc proposal show ${id}), then accept that.`,
  })
}

const whatChanged = ({ ticket, fields }: TicketEdit, since: string): string =>
  `${ticket} was changed ${since}: ${fields.map(({ field }) => fieldWords[field]).join(' and ')}`

export const fieldWords: Record<ToldField, string> = {
  title: 'its title',
  body: 'its description',
}

type Edited = { body: string | null; before: string | null; after: string | null }

const netChange = (field: ToldField, events: readonly Edited[]): TicketEdit['fields'] => {
  const its = events.filter(({ body }) => body === field)
  const before = its[0]?.before ?? ''
  const after = its.at(-1)?.after ?? ''
  return before === after ? [] : [{ field, before, after }]
}
