import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { isClosed, type Ticket } from '../tickets/ticket.ts'
import { type Actor, createTickets } from '../tickets/tickets.ts'
import type { Act } from './act.ts'
import { createActs } from './acts.ts'
import { standingsOf } from './standing.ts'
import { takeBack, tellUndone, type UndoDeps } from './take-back.ts'
import { hasBegun } from './undoable.ts'

/** What became of taking back one of several. */
export type UndoneStep = { act: Act; undone: boolean; says: string }

/**
 * Takes back what was done, as long as it stands as she left it: see undoable.ts. Nothing is ever
 * deleted.
 */
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
      const says = await takeBack(tx, clock, deps, act, by)
      if (act.class === 'file_ticket') await withItsRun(tx, act, by)
      return { act: undone, says }
    })

  /**
   * Filed for a worker, it is one thing to the person: what was delegated is undone with it, unless
   * a worker or Luci has begun on it; that stands, and is no objection.
   */
  const withItsRun = async (tx: Database, act: Act, by: Actor): Promise<void> => {
    if (act.proposalId === null) return
    const acts = createActs(tx, clock)
    const others = (await acts.of(act.proposalId)).filter(
      ({ id, step, undoneAt }) => step === act.step && id !== act.id && undoneAt === null,
    )
    for (const [at, standing] of (await standingsOf(tx, others)).entries()) {
      const other = others[at]
      if (other && !hasBegun(standing))
        await acts.correct(other.id, { correction: 'undone', by: by.actor })
    }
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
      if ((await tickets.list({ parentId: parent.id, open: true, limit: 1 })).length > 0)
        return null
      const state = row.state === 'carried_out' ? 'done' : 'accepted'
      await tellUndone(tx, clock, parent.id, { state, atOnce: state === 'done' }, by)
      return tickets.move(parent.id, 'cancelled', by)
    })

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
