import type { Database } from '@mc/db/database.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { lockTicket } from '../tickets/lock.ts'
import { parseTicketKey, type Ticket, type TicketStatus } from '../tickets/ticket.ts'
import { type Actor, createTickets } from '../tickets/tickets.ts'
import type { Act } from './act.ts'
import { type Standing, standingOf, UNDOING } from './standing.ts'
import { isLucis, obstacleTo } from './undoable.ts'

export type UndoDeps = {
  /** Ends a run that waits or goes on, in that transaction. */
  cancelRun(tx: Database, runId: string, by: string): Promise<unknown>
}

/**
 * Takes back what came of an act, in the caller's transaction, which nobody gets in between of.
 * Throws `conflict`, in words, when it stands no more as she left it. Returns what was done, in a
 * sentence.
 */
export const takeBack = async (
  tx: Database,
  clock: Clock,
  deps: UndoDeps,
  act: Act,
  by: Actor,
): Promise<string> => {
  const id = parseTicketKey(act.ref ?? '')
  // What it is judged by stays so until it is taken back.
  if (id !== null) await lockTicket(tx, id)
  const now = await standingOf(tx, act)
  const obstacle = obstacleTo(act, now)
  if (obstacle) throw refused(obstacle.says, obstacle.hint)
  if (act.class === 'alert') return withdraw(tx, clock, act, by)
  const ticket = await createTickets(tx, clock).get(id ?? 0)
  const taken: Taken = { act, ticket, now, by }
  if (act.class === 'file_ticket') return unfile(tx, clock, deps, taken)
  if (act.class === 'close') return reopen(tx, clock, taken)
  if (isLucis(act, now)) return takeFromLuci(tx, clock, taken)
  return undelegate(tx, clock, deps, taken)
}

/** An act with its ticket and how it stands. */
type Taken = { act: Act; ticket: Ticket; now: Standing; by: Actor }

const refused = (says: string, hint?: string) =>
  new AppError('conflict', `It cannot be undone: ${says}`, hint ? { hint } : {})

/** The ticket is cancelled, and a run that waits for it with it. */
const unfile = async (
  tx: Database,
  clock: Clock,
  deps: UndoDeps,
  { act, ticket, now, by }: Taken,
): Promise<string> => {
  if (now.openRun) await deps.cancelRun(tx, now.openRun.id, by.actor)
  const tickets = createTickets(tx, clock)
  await tellUndone(tx, clock, ticket.id, act, by)
  await tickets.move(ticket.id, 'cancelled', by)
  return `${ticket.key} is cancelled`
}

/** The worker is stopped or never starts, and the ticket is where it was. */
const undelegate = async (
  tx: Database,
  clock: Clock,
  deps: UndoDeps,
  { act, ticket, now, by }: Taken,
): Promise<string> => {
  const back = await standsAt(tx, clock, ticket, act, now)
  const tickets = createTickets(tx, clock)
  await tellUndone(tx, clock, ticket.id, act, by)
  if (!now.openRun) {
    // A person, or a pause, has stopped it already: what is left is where the ticket stands.
    const moves = ticket.status === 'todo' && ticket.status !== back
    if (moves) await tickets.move(ticket.id, back, by)
    return `The worker of ${ticket.key} was ${now.ownRun?.cause ?? 'cancelled'}${moves ? `, and it is ${back} again` : ''}`
  }
  // Where it was, also when it is ended later by who runs it, or just now.
  if (ticket.status !== back) await tickets.move(ticket.id, back, by)
  await deps.cancelRun(tx, now.openRun.id, by.actor)
  if ((await tickets.get(ticket.id)).status !== back) await tickets.move(ticket.id, back, by)
  return now.openRun.status === 'queued'
    ? `The worker of ${ticket.key} is not started, and it is ${back} again`
    : `The worker of ${ticket.key} is stopped, and it is ${back} again; what it did until now stays`
}

/** It was to be done by herself; once she was told to, she may have begun. */
const takeFromLuci = async (
  tx: Database,
  clock: Clock,
  { act, ticket, by }: Taken,
): Promise<string> => {
  await tx.kysely.updateTable('tickets').set({ does: null }).where('id', '=', ticket.id).execute()
  await tellUndone(tx, clock, ticket.id, act, by)
  return `Luci will not do ${ticket.key}`
}

const reopen = async (
  tx: Database,
  clock: Clock,
  { act, ticket, now, by }: Taken,
): Promise<string> => {
  const back = await standsAt(tx, clock, ticket, act, now)
  const tickets = createTickets(tx, clock)
  const begun =
    ticket.status === 'done'
      ? (await tickets.blocking(ticket.id)).filter(
          ({ status }) => status === 'doing' || status === 'review',
        )
      : []
  await tellUndone(tx, clock, ticket.id, act, by)
  await tickets.move(ticket.id, back, by)
  return [
    `${ticket.key} is ${back} again`,
    ...(act.before?.run && !now.openRun
      ? ['its worker was ended by the close: delegate it anew']
      : []),
    ...begun.map(({ key, status }) => `${key}, which waited for it, is ${status} all the same`),
  ].join('; ')
}

const withdraw = async (tx: Database, clock: Clock, act: Act, by: Actor): Promise<string> => {
  const alerts = createAlerts(tx, clock, { repeatIntervalMs: 0 })
  const alert = await alerts.get(Number(act.ref))
  await alerts.close(alert.id, by.actor)
  return alert.sentAt === null
    ? `Alert ${alert.id} is withdrawn`
    : `Alert ${alert.id} is withdrawn; it had been sent`
}

/** Where it stood before the act, unless what held it there is gone meanwhile: then todo. */
const standsAt = async (
  tx: Database,
  clock: Clock,
  ticket: Ticket,
  { before, class: one }: Act,
  { openRun }: Standing,
): Promise<TicketStatus> => {
  const was = before?.status ?? 'todo'
  if (was === 'blocked') {
    const blockers = await createTickets(tx, clock).blockers(ticket.id)
    // Without any, a person put it there by hand.
    const waits = blockers.length === 0 || blockers.some(({ status }) => status !== 'done')
    return waits ? 'blocked' : 'todo'
  }
  const ended = one === 'close' && before?.run && !openRun
  return was === 'doing' && ended ? 'todo' : was
}

const BY_HERSELF = 'Undone: Luci did this by herself, and it was taken back.'
const ASKED = 'Undone: Luci did this because she was asked, and it was taken back.'
const AGREED = 'Undone: Luci proposed this and it was agreed to; now it was taken back.'

/** The ticket of something that is taken back says so; that is no writing of the person's. */
export const tellUndone = (
  tx: Database,
  clock: Clock,
  ticketId: number,
  { state, atOnce }: Pick<Act, 'state' | 'atOnce'>,
  by: Actor,
): Promise<unknown> => {
  const words = state !== 'done' ? AGREED : atOnce ? BY_HERSELF : ASKED
  return createTickets(tx, clock).comment(ticketId, words, by, { mark: UNDOING })
}
