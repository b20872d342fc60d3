import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { normalised } from '../runs/fingerprint.ts'
import { likenessOf } from '../triage/likeness.ts'
import { type Actor, record } from './events.ts'
import { type Doer, isClosed, type NewTicket, type Risk, type Ticket, toTicket } from './ticket.ts'

/** `muted`: a person said of the like one that it shall be left alone; it is counted there. */
export type Filed = { status: 'filed' | 'counted' | 'reopened' | 'muted'; ticket: Ticket }

/** `words`: what came in, in a line, where the title stands for more than that. */
export type Filing = NewTicket & { fingerprint: string; words?: string }

/** Who does it and how, as a person accepted it. */
export type Assignment = {
  does?: Doer
  risk?: Risk
  folder?: string
  review?: boolean
  proposalId?: string
}

/** What a closed ticket says about its trouble holds for so long. */
const HOLDS_MS = 7 * 86_400_000

type Closed = { status: string; resolution: string | null; closedAt: string | null }

/** Left alone on purpose: no claim that it works now, after which it would be opened again. */
const isLeftAlone = ({ status, resolution }: Closed): boolean =>
  resolution === 'wont_fix' ||
  resolution === 'duplicate' ||
  (status === 'cancelled' && resolution === null)

/**
 * Until when a closed ticket mutes its trouble (ISO time): a week for "won't fix", "duplicate" and
 * cancelled. Null when it does not: what was done and returns is no longer done.
 */
export const mutedUntil = (ticket: Closed, now: Date): string | null => {
  if (ticket.closedAt === null || !isLeftAlone(ticket)) return null
  const until = new Date(Date.parse(ticket.closedAt) + HOLDS_MS)
  return until > now ? until.toISOString() : null
}

/** The same words are counted silently but for these times, which a person should see. */
const toldAt = new Set([3, 10, 30, 100])

/** Other words are written down so often on one ticket; the inbox has them all. */
const OTHER_WORDS_MAX = 20

/** Files a ticket as it is, without looking for a like one. `tx`: inside a transaction. */
export const file = async (
  tx: Database,
  clock: Clock,
  ticket: NewTicket & Assignment,
  by: Actor,
): Promise<Ticket> => {
  const at = isoTime(clock.now())
  const status = ticket.status ?? 'todo'
  const row = await tx.kysely
    .insertInto('tickets')
    .values({
      title: ticket.title,
      body: ticket.body ?? '',
      status,
      priority: ticket.priority ?? 'normal',
      labels: JSON.stringify(ticket.labels ?? []),
      source: by.source ?? by.actor,
      fingerprint: ticket.fingerprint ?? null,
      parent_id: ticket.parentId ?? null,
      due: ticket.due ?? null,
      does: ticket.does ?? null,
      risk: ticket.risk ?? null,
      folder: ticket.folder ?? null,
      review: ticket.review === undefined ? null : Number(ticket.review),
      proposal_id: ticket.proposalId ?? null,
      created_at: at,
      updated_at: at,
      closed_at: isClosed(status) ? at : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await record(tx, clock, row.id, by, { kind: 'created', after: status })
  return toTicket(row)
}

/**
 * Files a ticket for a fingerprint, or counts it on the open one, or opens again the one that was
 * closed within a week, or leaves alone the one of which a person said so within a week.
 * One open ticket per fingerprint, whoever asks at once. A title that the
 * ticket has not heard yet is written down on it, so that nothing of what was counted is lost.
 */
export const fileOnce = async (
  tx: Database,
  clock: Clock,
  { words, ...ticket }: Filing,
  by: Actor,
): Promise<Filed> => {
  await lockName(tx, `ticket:${ticket.fingerprint}`)
  const like = await lastLike(tx, ticket.fingerprint)
  const heard = words ?? ticket.title
  if (like && !like.closedAt)
    return { status: 'counted', ticket: await count(tx, clock, like, heard, by) }
  if (like && mutedUntil(like, clock.now()) !== null)
    return { status: 'muted', ticket: await add(tx, clock, like) }
  if (like && mayReopen(like, clock.now()))
    return { status: 'reopened', ticket: await reopen(tx, clock, like, heard, by) }
  return { status: 'filed', ticket: await file(tx, clock, ticket, by) }
}

const lastLike = async (tx: Database, fingerprint: string): Promise<Ticket | null> => {
  const query = tx.kysely
    .selectFrom('tickets')
    .selectAll()
    .where('fingerprint', '=', fingerprint)
    .orderBy('id', 'desc')
    .limit(1)
  // Held: a person may be changing it this moment, which the lock on its name does not keep out.
  const row = await (tx.dialect === 'postgres' ? query.forNoKeyUpdate() : query).executeTakeFirst()
  return row ? toTicket(row) : null
}

const mayReopen = (ticket: Ticket, now: Date): boolean =>
  ticket.closedAt !== null &&
  !isLeftAlone(ticket) &&
  ticket.closedAt > new Date(now.getTime() - HOLDS_MS).toISOString()

const reopen = async (tx: Database, clock: Clock, like: Ticket, words: string, by: Actor) => {
  await tx.kysely
    .updateTable('tickets')
    .set({ status: 'todo', closed_at: null, resolution: null })
    .where('id', '=', like.id)
    .execute()
  await record(tx, clock, like.id, by, { kind: 'reopened', before: like.status, after: 'todo' })
  return count(tx, clock, like, words, by)
}

const count = async (
  tx: Database,
  clock: Clock,
  like: Ticket,
  words: string,
  by: Actor,
): Promise<Ticket> => {
  const counted = await add(tx, clock, like)
  const { occurrences } = counted
  if (await areOtherWords(tx, like, words))
    await record(tx, clock, like.id, by, { kind: 'counted', body: words })
  if (toldAt.has(occurrences))
    await record(tx, clock, like.id, by, {
      kind: 'counted',
      body: `Happened ${occurrences} times`,
      after: String(occurrences),
    })
  return counted
}

const add = async (tx: Database, clock: Clock, like: Ticket): Promise<Ticket> => {
  const row = await tx.kysely
    .updateTable('tickets')
    .set({
      occurrences: like.occurrences + 1,
      version: like.version + 1,
      updated_at: isoTime(clock.now()),
    })
    .where('id', '=', like.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toTicket(row)
}

/** Its name says already which thing it is about: numbers in the words say only how much. */
const OF_A_TASK = /^(?:v1:|(?:flapping:)?task:)/

/** As the fingerprint takes it, in which the exit code counts too. */
const meaningOf = (words: string): string =>
  `${/\bexit code \d+/i.exec(words)?.[0] ?? ''} ${normalised(words)}`

/** Neither the ticket's own nor written down before, and there is room for more. */
const areOtherWords = async (tx: Database, like: Ticket, words: string): Promise<boolean> => {
  const meaning = like.fingerprint && OF_A_TASK.test(like.fingerprint) ? meaningOf : likenessOf
  const said = meaning(words)
  if (said === meaning(like.title)) return false
  const heard = await tx.kysely
    .selectFrom('ticket_events')
    .select('body')
    .where('ticket_id', '=', like.id)
    .where('kind', '=', 'counted')
    // The others say only how many times.
    .where('after', 'is', null)
    .execute()
  return heard.length < OTHER_WORDS_MAX && !heard.some(({ body }) => meaning(body ?? '') === said)
}
