import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { plain } from '../triage/outcome.ts'
import type { ActionClass } from '../trust/classes.ts'
import { lockAgain } from '../trust/lock-again.ts'
import {
  type Act,
  type ActCorrection,
  type ActDecision,
  type ActState,
  type Before,
  toAct,
} from './act.ts'
import { seenActs } from './seen.ts'

export type NewAct = {
  class: ActionClass
  proposalId: string | null
  step: string | null
  turnId: string | null
  title: string
}
export type DoneAct = NewAct & { ref: string; before: Before | null }

export type ActFilter = {
  state?: ActState
  class?: ActionClass
  atOnce?: boolean
  turns?: readonly string[]
  ref?: string
  /** The id where the previous page ended. */
  before?: number
  limit?: number
}

/** What Luci wanted to do and what became of it. Give it a transaction to join one. */
export const createActs = (db: Database, clock: Clock) => {
  const insert = async (
    act: NewAct,
    done: { ref: string; before: Before | null; atOnce: boolean } | null,
  ): Promise<Act> => {
    const at = isoTime(clock.now())
    const row = await db.kysely
      .insertInto('acts')
      .values({
        class: act.class,
        proposal_id: act.proposalId,
        step: act.step,
        turn_id: act.turnId,
        title: act.title,
        state: done ? 'done' : 'proposed',
        at_once: done?.atOnce ? 1 : 0,
        ref: done?.ref ?? null,
        before: done?.before ? JSON.stringify(done.before) : null,
        created_at: at,
        decided_at: done ? at : null,
        decided_by: done ? 'luci' : null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return toAct(row)
  }
  const find = async (id: number, tx: Database = db): Promise<Act | null> => {
    const row = await tx.kysely
      .selectFrom('acts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toAct(row) : null
  }

  return {
    /** One class of one step that waits for a person. */
    propose: (act: NewAct): Promise<Act> => insert(act, null),

    /** Done at once by trust: counts against the day's cap and can be taken back. */
    carryOut: (act: DoneAct): Promise<Act> =>
      insert(act, { ref: act.ref, before: act.before, atOnce: true }),

    /** Done because she was asked for it: a ticket she filed, an alert she sent. */
    note: (act: DoneAct): Promise<Act> =>
      insert(act, { ref: act.ref, before: act.before, atOnce: false }),

    /** What a person made of a step: of all its classes that still wait. */
    async decide(
      proposalId: string,
      step: string,
      decision: { state: ActDecision; by: string; ref?: string | null; before?: Before | null },
    ): Promise<void> {
      await db.kysely
        .updateTable('acts')
        .set({
          state: decision.state,
          decided_at: isoTime(clock.now()),
          decided_by: decision.by,
          ref: decision.ref ?? null,
          before: decision.before ? JSON.stringify(decision.before) : null,
        })
        .where('proposal_id', '=', proposalId)
        .where('step', '=', step)
        .where('state', '=', 'proposed')
        .execute()
    },

    /** Newest first. */
    async list(filter: ActFilter = {}): Promise<Act[]> {
      let query = db.kysely
        .selectFrom('acts')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(filter.limit ?? 50)
      if (filter.state) query = query.where('state', '=', filter.state)
      if (filter.class) query = query.where('class', '=', filter.class)
      if (filter.atOnce !== undefined) query = query.where('at_once', '=', filter.atOnce ? 1 : 0)
      if (filter.turns) query = query.where('turn_id', 'in', [...filter.turns, ''])
      if (filter.ref) query = query.where('ref', '=', filter.ref)
      if (filter.before) query = query.where('id', '<', filter.before)
      return (await query.execute()).map(toAct)
    },

    /** All of a proposal, in its order. */
    async of(proposalId: string): Promise<Act[]> {
      const rows = await db.kysely
        .selectFrom('acts')
        .selectAll()
        .where('proposal_id', '=', proposalId)
        .orderBy('id')
        .execute()
      return rows.map(toAct)
    },

    /** See seen.ts. */
    seen: (acts: readonly Act[]) => seenActs(db, acts),

    /** Null when there is none. */
    find: (id: number) => find(id),

    /** Throws `not_found`. */
    async get(id: number): Promise<Act> {
      const act = await find(id)
      if (!act) throw new AppError('not_found', `There is no act ${id}`)
      return act
    },

    /**
     * A person's objection to what was done. Enough of them lock the class again, in this same
     * transaction. Undone twice is a `conflict`, as is what was not done; what was undone may be
     * called wrong as well.
     */
    correct: (
      id: number,
      {
        correction,
        by,
        note,
      }: { correction: ActCorrection; by: string; note?: string | undefined },
    ): Promise<Act> =>
      db.transaction(async (tx) => {
        // Two at once would both find it as it was; and it is what locking a class goes by.
        await lockName(tx, 'trust')
        const act = await find(id, tx)
        if (!act) throw new AppError('not_found', `There is no act ${id}`)
        refuseCorrection(act, correction)
        const at = isoTime(clock.now())
        const row = await tx.kysely
          .updateTable('acts')
          .set({
            correction: act.correction === 'wrong' ? 'wrong' : correction,
            corrected_at: act.correctedAt ?? at,
            corrected_by: act.correctedBy ?? by,
            ...(note ? { note: plain(note) } : {}),
            ...(correction === 'undone' ? { undone_at: at } : {}),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        await lockAgain(tx, clock, act.class, { by })
        return toAct(row)
      }),
  }
}

export type Acts = ReturnType<typeof createActs>

const judged: readonly ActState[] = ['done', 'accepted', 'edited', 'parked']

const refuseCorrection = (act: Act, correction: ActCorrection): void => {
  if (!judged.includes(act.state))
    throw new AppError('conflict', `Act ${act.id} was not done: it is ${act.state}`)
  if (correction === 'undone' && act.undoneAt !== null)
    throw new AppError('conflict', `Act ${act.id} was undone already`)
  if (correction === 'wrong' && act.correction === 'wrong')
    throw new AppError('conflict', `Act ${act.id} was called wrong already`)
}
