import type { ProposalsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Static, Type } from 'typebox'
import { priorities } from '../inbox/item.ts'
import { Day, doers, resolutions, risks } from '../tickets/ticket.ts'
import type { ActionClass } from '../trust/classes.ts'
import type { TurnOrigin } from '../turns/turn.ts'

const closed = { additionalProperties: false }

/** How a step is named inside its proposal. */
const StepName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,29}$',
  description: 'Your name for this step inside the proposal, e.g. "backup"',
})
const TicketRef = Type.String({
  pattern: '^(?:MC-\\d{1,15}|[a-z0-9][a-z0-9-]{0,29})$',
  description: 'A step of this proposal by its name, or a ticket by its key',
})
const TicketKey = Type.String({ pattern: '^MC-\\d{1,15}$', description: 'A ticket, e.g. MC-12' })
const Folder = Type.String({
  minLength: 1,
  maxLength: 1_000,
  description: 'The folder its worker works in; left out: the folder of all workers',
})
const RiskField = Type.Enum(risks, {
  description: 'low: easily taken back; high: can destroy something or reaches other people',
})
const ReviewField = Type.Boolean({
  description:
    'Whether a worker’s success waits in review before what depends on it starts; left out: not for low risk',
})

/** A ticket to be filed. */
export const FileStep = Type.Object(
  {
    do: Type.Literal('file'),
    name: StepName,
    title: Type.String({ minLength: 1, maxLength: 200, description: 'What is to be done' }),
    body: Type.Optional(Type.String({ maxLength: 20_000, description: 'Markdown' })),
    priority: Type.Optional(Type.Enum(priorities)),
    labels: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 }),
    ),
    due: Type.Optional(Day),
    after: Type.Optional(
      Type.Array(TicketRef, { maxItems: 20, description: 'What must be done before it' }),
    ),
    risk: RiskField,
    does: Type.Enum(doers, { description: 'Who does it' }),
    folder: Type.Optional(Folder),
    review: Type.Optional(ReviewField),
  },
  closed,
)
export type FileStep = Static<typeof FileStep>

/** A ticket that there is, handed to a headless worker. */
export const DelegateStep = Type.Object(
  {
    do: Type.Literal('delegate'),
    name: StepName,
    ticket: TicketKey,
    risk: RiskField,
    folder: Type.Optional(Folder),
    review: Type.Optional(ReviewField),
  },
  closed,
)

export const CloseStep = Type.Object(
  {
    do: Type.Literal('close'),
    name: StepName,
    ticket: TicketKey,
    status: Type.Enum(['done', 'cancelled']),
    resolution: Type.Optional(Type.Enum(resolutions)),
    why: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  closed,
)

export const AlertStep = Type.Object(
  {
    do: Type.Literal('alert'),
    name: StepName,
    title: Type.String({ minLength: 1, maxLength: 200 }),
    text: Type.Optional(Type.String({ maxLength: 4_000 })),
    severity: Type.Optional(Type.Enum(['critical', 'normal'])),
  },
  closed,
)

export const Step = Type.Union([FileStep, DelegateStep, CloseStep, AlertStep])
export type Step = Static<typeof Step>

export const OpenQuestion = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 500 }),
    options: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 6 }),
    ),
  },
  closed,
)

/** What is proposed: a change to the board, in steps. */
export const Content = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200, description: 'The intent, in a line' }),
    summary: Type.Optional(
      Type.String({ maxLength: 8_000, description: 'Markdown: why so, and what it leaves out' }),
    ),
    steps: Type.Array(Step, { minItems: 1, maxItems: 40 }),
    questions: Type.Optional(
      Type.Array(OpenQuestion, { maxItems: 10, description: 'What only the person knows' }),
    ),
    parent: Type.Optional(
      Type.String({
        pattern: '^(?:new|MC-\\d{1,15})$',
        description:
          'The ticket that those filed become parts of; "new" files one by the title; left out: none',
      }),
    ),
  },
  closed,
)
export type Content = Static<typeof Content>

/**
 * open, then one end: `accepted` (what was chosen, as it then read), `parked` (all filed, nothing
 * started), `refused`, `changes_asked` (back with Luci, then `replaced`), `carried_out` (at once,
 * by trust), `withdrawn` (who made it took it back).
 */
export const proposalStates = [
  'open',
  'accepted',
  'parked',
  'refused',
  'changes_asked',
  'replaced',
  'carried_out',
  'withdrawn',
] as const
export type ProposalState = (typeof proposalStates)[number]

export type Proposal = {
  /** Six hex digits. */
  id: string
  seq: number
  turnId: string | null
  origin: TurnOrigin
  title: string
  /** As Luci made it; never changed. */
  content: Content
  state: ProposalState
  /** Grows by one with every change. */
  version: number
  /** The item of a digest it is for. */
  itemId: number | null
  /** The proposal it answers changes of. */
  replaces: string | null
  /** The exact content that a person accepted, or that was carried out; null before. */
  accepted: Content | null
  /** What changes a person asked for. */
  asked: string | null
  /** The turn that told Luci so; null before. */
  askedTurnId: string | null
  /** How the person edited it when they asked; null when they did not. */
  askedContent: Content | null
  /** Why it waits or was carried out at once; of one refused or taken back the words of who did. */
  reason: string | null
  /** The ticket that those filed are parts of. */
  parentId: number | null
  createdAt: string
  decidedAt: string | null
  decidedBy: string | null
}

/** The classes of action that a step is: a ticket filed for a worker is also a delegation. */
export const classesOf = (step: Step): ActionClass[] => {
  if (step.do === 'alert') return ['alert']
  if (step.do === 'close') return ['close']
  const delegation = step.risk === 'low' ? 'delegate_low_risk' : 'delegate'
  if (step.do === 'delegate') return [delegation]
  return step.does === 'person' ? ['file_ticket'] : ['file_ticket', delegation]
}

export const toProposal = (row: Selectable<ProposalsTable>): Proposal => ({
  id: row.id,
  seq: row.seq,
  turnId: row.turn_id,
  origin: row.origin as TurnOrigin,
  title: row.title,
  content: JSON.parse(row.content) as Content,
  state: row.state as ProposalState,
  version: row.version,
  itemId: row.item_id,
  replaces: row.replaces,
  accepted: row.accepted === null ? null : (JSON.parse(row.accepted) as Content),
  asked: row.asked,
  askedTurnId: row.asked_turn_id,
  askedContent: row.asked_content === null ? null : (JSON.parse(row.asked_content) as Content),
  reason: row.reason,
  parentId: row.parent_id,
  createdAt: row.created_at,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
})
