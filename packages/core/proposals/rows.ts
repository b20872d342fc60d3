import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { ProposalsTable } from '@mc/db/schema.ts'
import type { Selectable, Updateable } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import type { TurnOrigin, TurnState } from '../turns/turn.ts'
import { type Content, type Proposal, type ProposalState, toProposal } from './proposal.ts'

export type ProposalFilter = {
  states?: readonly ProposalState[]
  turn?: string
  /** Those made in one of these turns. */
  turns?: readonly string[]
  /** The one that came in this one's place. */
  replaces?: string
  /** Only those with a smaller seq: the next page. */
  before?: number
  limit?: number
}

/** While it is one of these, a person decides. */
export const undecided: readonly ProposalState[] = ['open', 'changes_asked']

/** Ends of a turn after which nobody hears the rest of what she wanted to say. */
const brokenOff: Partial<Record<TurnState, string>> = {
  interrupted: 'was interrupted',
  failed: 'failed',
  lost: 'was lost',
  unknown: 'ended unseen',
}

type Row = Selectable<ProposalsTable> & { turn_state: string | null }

/** What is stored is whole; but who reads it should know that Luci did not get to her end. */
const told = ({ turn_state, ...row }: Row): Proposal => {
  const proposal = toProposal(row)
  const end = brokenOff[turn_state as TurnState]
  if (!end || proposal.state !== 'open') return proposal
  const said = `Luci’s turn ${end} after she proposed this`
  return { ...proposal, reason: proposal.reason ? `${proposal.reason}. ${said}` : said }
}

const select = (db: Database) =>
  db.kysely
    .selectFrom('proposals')
    .leftJoin('turns', 'turns.id', 'proposals.turn_id')
    .selectAll('proposals')
    .select('turns.state as turn_state')

export const findProposal = async (db: Database, id: string): Promise<Proposal | null> => {
  const row = await select(db).where('proposals.id', '=', id).executeTakeFirst()
  return row ? told(row) : null
}

/** Throws `not_found`. */
export const getProposal = async (db: Database, id: string): Promise<Proposal> => {
  const proposal = await findProposal(db, id)
  if (!proposal) throw new AppError('not_found', `There is no proposal ${id}`)
  return proposal
}

/** Newest first. */
export const listProposals = async (
  db: Database,
  { states, turn, turns, replaces, before, limit = 50 }: ProposalFilter,
): Promise<Proposal[]> => {
  let query = select(db).orderBy('proposals.seq', 'desc').limit(limit)
  if (states) query = query.where('proposals.state', 'in', [...states])
  if (turn) query = query.where('proposals.turn_id', '=', turn)
  if (turns) query = query.where('proposals.turn_id', 'in', [...turns, ''])
  if (replaces) query = query.where('proposals.replaces', '=', replaces)
  if (before) query = query.where('proposals.seq', '<', before)
  return (await query.execute()).map(told)
}

export type NewProposal = {
  turnId: string | null
  origin: TurnOrigin
  content: Content
  itemId: number | null
  replaces: string | null
  reason: string | null
}

export const insertProposal = async (
  tx: Database,
  clock: Clock,
  proposal: NewProposal,
): Promise<Proposal> => {
  const row = await tx.kysely
    .insertInto('proposals')
    .values({
      id: randomHex(3),
      turn_id: proposal.turnId,
      origin: proposal.origin,
      title: proposal.content.title,
      content: JSON.stringify(proposal.content),
      state: 'open',
      item_id: proposal.itemId,
      replaces: proposal.replaces,
      reason: proposal.reason,
      created_at: isoTime(clock.now()),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toProposal(row)
}

/** The proposal, and nobody else decides about it until this transaction ends. */
export const lockProposal = async (tx: Database, id: string): Promise<Proposal> => {
  await lockName(tx, `proposal:${id}`)
  return getProposal(tx, id)
}

/** The same while nobody has decided. Throws `conflict` afterwards. */
export const lockUndecided = async (tx: Database, id: string): Promise<Proposal> => {
  const proposal = await lockProposal(tx, id)
  if (undecided.includes(proposal.state)) return proposal
  throw new AppError('conflict', `Proposal ${id} is ${proposal.state.replace('_', ' ')} already`, {
    hint: 'Look at what came of it: nothing more was done.',
  })
}

/** Another state, and one more version of it. Its end is written down unless it goes on. */
export const moveProposal = async (
  tx: Database,
  clock: Clock,
  proposal: Proposal,
  state: ProposalState,
  by: string,
  fields: Updateable<ProposalsTable> = {},
): Promise<Proposal> => {
  await tx.kysely
    .updateTable('proposals')
    .set({
      ...fields,
      state,
      version: proposal.version + 1,
      ...(undecided.includes(state) ? {} : { decided_at: isoTime(clock.now()), decided_by: by }),
    })
    .where('id', '=', proposal.id)
    .execute()
  return getProposal(tx, proposal.id)
}
