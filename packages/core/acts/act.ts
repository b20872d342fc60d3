import type { ActsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import type { TicketStatus } from '../tickets/ticket.ts'
import type { ActionClass } from '../trust/classes.ts'

/**
 * proposed, then what a person made of it: accepted (unchanged), edited, refused, parked, or
 * superseded (its proposal was replaced or taken back, so nobody judged it). done: it was never
 * proposed, Luci did it: at once by trust, or because she was asked.
 */
export const actStates = [
  'proposed',
  'accepted',
  'edited',
  'refused',
  'parked',
  'superseded',
  'done',
] as const
export type ActState = (typeof actStates)[number]

/** What a person made of a proposed one. */
export type ActDecision = Exclude<ActState, 'proposed' | 'done'>

export const corrections = ['undone', 'wrong'] as const
export type ActCorrection = (typeof corrections)[number]

/** How it was before, as far as taking it back needs it. */
export type Before = {
  /** Where the ticket was before it was delegated or closed. */
  status?: TicketStatus
  resolution?: string | null
  /** The run that was queued; of a close, the one that it ended. */
  run?: string
  /** The ticket's version once it was closed: whoever changes it then has their word. */
  version?: number
  /** The alert was there, and this was counted on it. */
  counted?: true
}

/** One thing that Luci wanted to do, and what became of it. */
export type Act = {
  id: number
  class: ActionClass
  proposalId: string | null
  /** Its name in the proposal. */
  step: string | null
  turnId: string | null
  title: string
  state: ActState
  /** By herself, as its class was trusted (or one of the alerts that are free). */
  atOnce: boolean
  /** What came of it: of an alert its number, else the ticket's key. Null: nothing yet. */
  ref: string | null
  before: Before | null
  createdAt: string
  decidedAt: string | null
  decidedBy: string | null
  /** A person's objection; one that was undone and called wrong as well says wrong. */
  correction: ActCorrection | null
  correctedAt: string | null
  correctedBy: string | null
  note: string | null
  /** When it was taken back; null: it stands. */
  undoneAt: string | null
}

export const toAct = (row: Selectable<ActsTable>): Act => ({
  id: Number(row.id),
  class: row.class as ActionClass,
  proposalId: row.proposal_id,
  step: row.step,
  turnId: row.turn_id,
  title: row.title,
  state: row.state as ActState,
  atOnce: row.at_once === 1,
  ref: row.ref,
  before: row.before === null ? null : (JSON.parse(row.before) as Before),
  createdAt: row.created_at,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
  correction: row.correction as ActCorrection | null,
  correctedAt: row.corrected_at,
  correctedBy: row.corrected_by,
  note: row.note,
  undoneAt: row.undone_at,
})
