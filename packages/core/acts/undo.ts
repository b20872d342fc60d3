import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { createRuns } from '../runs/runs.ts'
import {
  isClosed,
  parseTicketKey,
  type Ticket,
  type TicketStatus,
  ticketKey,
} from '../tickets/ticket.ts'
import { type Actor, createTickets } from '../tickets/tickets.ts'
import type { Act } from './act.ts'
import { createActs } from './acts.ts'

export type UndoDeps = {
  /** Ends a run that waits or goes on, in that transaction. */
  cancelRun(tx: Database, runId: string, by: string): Promise<unknown>
}

/** What became of taking back one of several. */
export type UndoneStep = { act: Act; undone: boolean; says: string }

/** Takes back what was done, as long as it stands as she left it. Nothing is ever deleted. */
export const createUndo = (db: Database, clock: Clock, deps: UndoDeps) => {
  /**
   * Once, in one transaction with the objection. Throws `conflict`, in words, when what came of it
   * was changed since. Returns what was done, in a sentence.
   */
  const undo = (id: number, by: Actor): Promise<{ act: Act; says: string }> =>
    db.transaction(async (tx) => {
      // In the order of everybody who takes both: whoever begins a run holds the second.
      await lockName(tx, 'trust')
      await lockName(tx, 'delegate')
      const acts = createActs(tx, clock)
      const act = await acts.get(id)
      // Before anything is touched: whether it may be is its own question.
      const undone = await acts.correct(id, { correction: 'undone', by: by.actor })
      const says = await takeBack(tx, act, by)
      if (act.class === 'file_ticket') await withItsRun(tx, act, by)
      return { act: undone, says }
    })

  const takeBack = (tx: Database, act: Act, by: Actor): Promise<string> => {
    switch (act.class) {
      case 'file_ticket':
        return unfile(tx, act, by)
      case 'close':
        return reopen(tx, act, by)
      case 'alert':
        return withdraw(tx, act, by)
      default:
        return undelegate(tx, act, by)
    }
  }

  /** The ticket is cancelled, and a run that waits for it with it. */
  const unfile = async (tx: Database, act: Act, by: Actor): Promise<string> => {
    const ticket = await ticketOf(tx, clock, act)
    if (isClosed(ticket.status)) throw changed(`${ticket.key} is ${ticket.status} already`)
    if (act.proposalId !== null && act.step === null) {
      const parts = await openParts(tx, ticket.id)
      if (parts.length > 0)
        throw changed(`${parts.join(', ')} of ${ticket.key} go on`, 'Close these first.')
    }
    if (await isPersons(tx, ticket.id, act.decidedAt ?? act.createdAt))
      throw changed(
        `A person has written on ${ticket.key} since`,
        'Cancel the ticket yourself if it should go.',
      )
    const run = await openRun(tx, clock, ticket)
    if (run && run.status !== 'queued')
      throw changed(`Work on ${ticket.key} has begun (run ${run.id})`, 'Cancel that run first.')
    if (!run && (ticket.status === 'doing' || ticket.status === 'review'))
      throw changed(`${ticket.key} is ${ticket.status} by now`, 'Move it yourself if it should go.')
    if (run) await deps.cancelRun(tx, run.id, by.actor)
    const tickets = createTickets(tx, clock)
    await tickets.comment(ticket.id, undoneWords(act), by)
    await tickets.move(ticket.id, 'cancelled', by)
    return `${ticket.key} is cancelled`
  }

  /** The worker is stopped or never starts, and the ticket is where it was. */
  const undelegate = async (tx: Database, act: Act, by: Actor): Promise<string> => {
    const ticket = await ticketOf(tx, clock, act)
    if (ticket.does === 'luci' && !act.before?.run) return takeFromLuci(tx, act, ticket, by)
    const run = await openRun(tx, clock, ticket)
    const back = await standsAt(tx, clock, ticket, act)
    const tickets = createTickets(tx, clock)
    if (!run || (act.before?.run && run.id !== act.before.run)) {
      const ended = await endedRun(tx, clock, act)
      if (run || ended?.status !== 'cancelled')
        throw changed(
          run
            ? `Another run of ${ticket.key} goes on (run ${run.id})`
            : `The worker of ${ticket.key} is done with it`,
          'What it did is told on the ticket; nobody can take that back from here.',
        )
      // A person, or a pause, has stopped it already: what is left is where the ticket stands.
      await tickets.comment(ticket.id, undoneWords(act), by)
      const moves = ticket.status === 'todo' && ticket.status !== back
      if (moves) await tickets.move(ticket.id, back, by)
      return `The worker of ${ticket.key} was ${ended.cause ?? 'cancelled'}${moves ? `, and it is ${back} again` : ''}`
    }
    await tickets.comment(ticket.id, undoneWords(act), by)
    // Where it was, also when it is ended later by who runs it, or just now.
    if (ticket.status !== back) await tickets.move(ticket.id, back, by)
    await deps.cancelRun(tx, run.id, by.actor)
    const now = await tickets.get(ticket.id)
    if (now.status !== back) await tickets.move(ticket.id, back, by)
    return run.status === 'queued'
      ? `The worker of ${ticket.key} is not started, and it is ${back} again`
      : `The worker of ${ticket.key} is stopped, and it is ${back} again; what it did until now stays`
  }

  /** It was to be done by herself; once she was told to, she may have begun. */
  const takeFromLuci = async (
    tx: Database,
    act: Act,
    ticket: Ticket,
    by: Actor,
  ): Promise<string> => {
    const taken = await tx.kysely
      .updateTable('tickets')
      .set({ does: null })
      .where('id', '=', ticket.id)
      .where('handed_at', 'is', null)
      .executeTakeFirst()
    if (taken.numUpdatedRows === 0n) throw changed(`Luci was told to do ${ticket.key} already`)
    await createTickets(tx, clock).comment(ticket.id, undoneWords(act), by)
    return `Luci will not do ${ticket.key}`
  }

  /** The ticket that was filed to hold the others goes with the last of them. */
  const unfileParent = (proposalId: string, by: Actor): Promise<Ticket | null> =>
    db.transaction(async (tx) => {
      const row = await tx.kysely
        .selectFrom('proposals')
        .select(['parent_id', 'accepted', 'state'])
        .where('id', '=', proposalId)
        .executeTakeFirst()
      const accepted = row?.accepted ? (JSON.parse(row.accepted) as { parent?: string }) : null
      if (!row?.parent_id || accepted?.parent !== 'new') return null
      const tickets = createTickets(tx, clock)
      const parent = await tickets.find(Number(row.parent_id))
      if (!parent || isClosed(parent.status)) return null
      if ((await openParts(tx, parent.id)).length > 0) return null
      await tickets.comment(parent.id, row.state === 'carried_out' ? BY_HERSELF : AGREED, by)
      return tickets.move(parent.id, 'cancelled', by)
    })

  const reopen = async (tx: Database, act: Act, by: Actor): Promise<string> => {
    const ticket = await ticketOf(tx, clock, act)
    if (!isClosed(ticket.status)) throw changed(`${ticket.key} is ${ticket.status} by now`)
    const { version = ticket.version } = act.before ?? {}
    if (ticket.version !== version)
      throw changed(`${ticket.key} was changed since`, 'Move it yourself if it should be open.')
    const back = await standsAt(tx, clock, ticket, act)
    const tickets = createTickets(tx, clock)
    const begun =
      ticket.status === 'done'
        ? (await tickets.blocking(ticket.id)).filter(
            ({ status }) => status === 'doing' || status === 'review',
          )
        : []
    await tickets.comment(ticket.id, undoneWords(act), by)
    await tickets.move(ticket.id, back, by)
    const ended = act.before?.run && !(await openRun(tx, clock, ticket))
    return [
      `${ticket.key} is ${back} again`,
      ...(ended ? ['its worker was ended by the close: delegate it anew'] : []),
      ...begun.map(({ key, status }) => `${key}, which waited for it, is ${status} all the same`),
    ].join('; ')
  }

  const withdraw = async (tx: Database, act: Act, by: Actor): Promise<string> => {
    const alerts = createAlerts(tx, clock, { repeatIntervalMs: 0 })
    const alert = await alerts.get(Number(act.ref))
    if (act.before?.counted)
      throw changed(
        `Alert ${alert.id} had been raised before, and this was counted on it`,
        'Resolve it on Alerts if it is over.',
      )
    if (alert.state === 'resolved') throw changed(`Alert ${alert.id} is over already`)
    await alerts.close(alert.id, by.actor)
    return alert.sentAt === null
      ? `Alert ${alert.id} is withdrawn`
      : `Alert ${alert.id} is withdrawn; it had been sent`
  }

  /**
   * Filed for a worker, it is one thing to the person: what was delegated is undone with it, unless
   * a worker or Luci has begun on it; that stands, and is no objection.
   */
  const withItsRun = async (tx: Database, act: Act, by: Actor): Promise<void> => {
    if (act.proposalId === null) return
    const acts = createActs(tx, clock)
    for (const other of await acts.of(act.proposalId))
      if (
        other.step === act.step &&
        other.id !== act.id &&
        other.undoneAt === null &&
        !(await hasBegun(tx, clock, other))
      )
        await acts.correct(other.id, { correction: 'undone', by: by.actor })
  }

  return {
    undo,

    /**
     * All that came of a proposal, the last first, as far as it goes: each step by itself, told
     * with what became of it.
     */
    async undoAll(proposalId: string, by: Actor): Promise<UndoneStep[]> {
      const all = await createActs(db, clock).of(proposalId)
      const steps: UndoneStep[] = []
      for (const { id } of all.toReversed()) {
        const act = await createActs(db, clock).get(id)
        if (act.ref === null || act.undoneAt !== null) continue
        try {
          const { act: undone, says } = await undo(id, by)
          steps.push({ act: undone, undone: true, says })
        } catch (error) {
          // One that stands in the way of itself alone: the others are taken back.
          if (!(error instanceof AppError)) throw error
          steps.push({ act, undone: false, says: error.message })
        }
      }
      if (steps.length === 0)
        throw new AppError('conflict', 'There is nothing of it that could be undone')
      if (steps.some(({ undone }) => undone)) await unfileParent(proposalId, by)
      return steps
    },
  }
}

export type Undo = ReturnType<typeof createUndo>

const BY_HERSELF = 'Undone: Luci did this by herself, and it was taken back.'
const ASKED = 'Undone: Luci did this because she was asked, and it was taken back.'
const AGREED = 'Undone: Luci proposed this and it was agreed to; now it was taken back.'

const undoneWords = ({ state, atOnce }: Act): string =>
  state !== 'done' ? AGREED : atOnce ? BY_HERSELF : ASKED

/** The keys of what is still to be done of a ticket. */
const openParts = async (tx: Database, parentId: number): Promise<string[]> => {
  const rows = await tx.kysely
    .selectFrom('tickets')
    .select('id')
    .where('parent_id', '=', parentId)
    .where('closed_at', 'is', null)
    .orderBy('id')
    .limit(10)
    .execute()
  return rows.map(({ id }) => ticketKey(id))
}

/** Whether a person has made a ticket theirs since (ISO time): its words, or a comment on it. */
const isPersons = async (tx: Database, ticketId: number, since: string): Promise<boolean> =>
  (await tx.kysely
    .selectFrom('ticket_events')
    .select('id')
    .where('ticket_id', '=', ticketId)
    .where('actor', '=', 'person')
    .where('kind', 'in', ['edited', 'commented'])
    .where('at', '>', since)
    .executeTakeFirst()) !== undefined

/** Where it stood before the act, unless what held it there is gone meanwhile: then todo. */
const standsAt = async (
  tx: Database,
  clock: Clock,
  ticket: Ticket,
  { before, class: one }: Act,
): Promise<TicketStatus> => {
  const was = before?.status ?? 'todo'
  if (was === 'blocked') {
    const blockers = await createTickets(tx, clock).blockers(ticket.id)
    // Without any, a person put it there by hand.
    const waits = blockers.length === 0 || blockers.some(({ status }) => status !== 'done')
    return waits ? 'blocked' : 'todo'
  }
  const ended = one === 'close' && before?.run && !(await openRun(tx, clock, ticket))
  return was === 'doing' && ended ? 'todo' : was
}

const changed = (message: string, hint?: string) =>
  new AppError('conflict', `It cannot be undone: ${message}`, hint ? { hint } : {})

const ticketOf = async (tx: Database, clock: Clock, act: Act): Promise<Ticket> => {
  const id = act.ref === null ? null : parseTicketKey(act.ref)
  const ticket = id === null ? null : await createTickets(tx, clock).find(id)
  if (!ticket) throw changed(`There is no ticket ${act.ref ?? ''} any more`)
  return ticket
}

/** The run that came of it, also when it is over; null: there was none. */
const endedRun = async (tx: Database, clock: Clock, act: Act): Promise<Run | null> =>
  act.before?.run ? createRuns(tx, clock).find(act.before.run) : null

/** Whether what was delegated was worked on, so that it cannot be taken back. */
const hasBegun = async (tx: Database, clock: Clock, act: Act): Promise<boolean> => {
  const run = await endedRun(tx, clock, act)
  if (run) return run.status !== 'cancelled'
  const row = await tx.kysely
    .selectFrom('tickets')
    .select('handed_at')
    .where('id', '=', parseTicketKey(act.ref ?? '') ?? 0)
    .executeTakeFirst()
  return row?.handed_at != null
}

const openRun = async (tx: Database, clock: Clock, ticket: Ticket): Promise<Run | null> =>
  (await createRuns(tx, clock).open({ ticket: ticket.id }))[0] ?? null
