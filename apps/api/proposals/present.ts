import type { Content, Proposal, ProposalState, Step } from '@mc/core/proposals/proposal.ts'
import { fieldWords, type TicketEdit } from '@mc/core/proposals/ticket-edits.ts'
import { type Ticket, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import type { TurnOrigin } from '@mc/core/turns/turn.ts'
import { enumerate, plural } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'
import { actorName } from '../tickets/present.ts'
import { type Seen, stateOf } from '../tickets/state.ts'
import type { Draft, DraftStep } from './draft.ts'
import { fieldsOf } from './draft.ts'
import { stepWords } from './drawing.ts'
import { fieldEdits, stepTitle } from './edits.ts'

type Look = { label: string; icon: IconName; tone: Tone }

export const stateWords: Record<ProposalState, Look> = {
  open: { label: 'Waits for you', icon: 'hand', tone: 'warn' },
  changes_asked: { label: 'Back with Luci', icon: 'dots', tone: 'busy' },
  accepted: { label: 'Accepted', icon: 'check', tone: 'good' },
  carried_out: { label: 'Done at once', icon: 'check', tone: 'good' },
  parked: { label: 'Filed as parked', icon: 'pause', tone: 'quiet' },
  refused: { label: 'Refused', icon: 'cross', tone: 'quiet' },
  replaced: { label: 'Replaced', icon: 'again', tone: 'quiet' },
  withdrawn: { label: 'Taken back', icon: 'cross', tone: 'quiet' },
}

/** The tabs of the list; `states` null: all. */
export const tabs: { id: string; label: string; states: readonly ProposalState[] | null }[] = [
  { id: 'all', label: 'All', states: null },
  { id: 'open', label: 'Waits for you', states: ['open'] },
  { id: 'changes_asked', label: 'Back with Luci', states: ['changes_asked'] },
  { id: 'accepted', label: 'Accepted', states: ['accepted', 'carried_out'] },
  { id: 'parked', label: 'Parked', states: ['parked'] },
  { id: 'refused', label: 'Refused', states: ['refused'] },
  { id: 'past', label: 'Replaced, taken back', states: ['replaced', 'withdrawn'] },
]

/** `4 tickets: 1 done, 1 failed, 2 to do`; null when none came of it. */
export const cameOf = (tickets: readonly Seen<Pick<Ticket, 'status'>>[]): string | null => {
  if (tickets.length === 0) return null
  const counts = new Map<string, number>()
  for (const status of ticketStatuses)
    for (const ticket of tickets)
      if (ticket.status === status) {
        const { label } = stateOf(ticket)
        counts.set(label, (counts.get(label) ?? 0) + 1)
      }
  const words = [...counts].map(([label, count]) => `${count} ${label.toLowerCase()}`)
  return `${plural(tickets.length, 'ticket')}: ${enumerate(words)}`
}

const origins: Partial<Record<TurnOrigin, string>> = {
  digest: 'from an inbox digest',
  telegram: 'you asked by Telegram',
  api: 'you asked by mc',
}

const mayDecide: readonly ProposalState[] = ['open', 'changes_asked']

/** A proposal in a line or a small card. `tickets`: those that came of it. */
export const presentProposal = (
  proposal: Proposal,
  tickets: readonly Seen[],
  {
    about = new Map(),
    edits = [],
  }: {
    /** The tickets that its steps are about, by key. */
    about?: ReadonlyMap<string, Pick<Ticket, 'key' | 'title'>>
    /** What was changed on them since. */
    edits?: readonly TicketEdit[]
  } = {},
) => ({
  id: proposal.id,
  seq: proposal.seq,
  title: proposal.title,
  version: proposal.version,
  href: `/proposals/${proposal.id}`,
  state: proposal.state,
  ...stateWords[proposal.state],
  createdAt: proposal.createdAt,
  decidedAt: proposal.decidedAt,
  turnId: proposal.turnId,
  asked: origins[proposal.origin] ?? (proposal.turnId === null ? 'you made it' : 'you asked'),
  reason:
    mayDecide.includes(proposal.state) ||
    proposal.state === 'carried_out' ||
    proposal.state === 'refused' ||
    proposal.state === 'withdrawn'
      ? proposal.reason
      : null,
  by: proposal.decidedBy === 'person' ? 'you' : proposal.decidedBy && actorName(proposal.decidedBy),
  isOpen: proposal.state === 'open',
  mayDecide: mayDecide.includes(proposal.state),
  size: sizeOf(proposal.accepted ?? proposal.content),
  steps: (proposal.accepted ?? proposal.content).steps.map((step) => ({
    name: step.name,
    title: stepTitle(step),
    risk: 'risk' in step ? step.risk : null,
    /** What it is about; null for one to be filed, and for a message. */
    ticket: ('ticket' in step ? about.get(step.ticket) : null) ?? null,
    ...stepWords(step),
  })),
  questions: (proposal.content.questions ?? []).length,
  /** Which tickets read otherwise than Luci proposed to hand them over, each in a line. */
  edited: edits.map(
    ({ ticket, fields }) =>
      `${ticket} was changed since: ${fields.map(({ field }) => fieldWords[field]).join(' and ')}`,
  ),
  came: cameOf(tickets),
})
export type ProposalView = ReturnType<typeof presentProposal>

const sizeOf = ({ steps, questions }: Content): string =>
  [
    plural(steps.length, 'step'),
    ...(questions?.length ? [plural(questions.length, 'question')] : []),
  ].join(', ')

export type StepView = DraftStep & {
  /** What a ticket of it is about; null for one to be filed. */
  ticket: { key: string; title: string } | null
  words: string
  icon: IconName
  heading: string
  /** What Luci wrote, of each field that differs from it now. */
  was: Record<string, string>
  /** What was changed on its ticket since she proposed to hand it over. */
  ticketEdits: TicketEdit['fields']
  isEdited: boolean
  isFirst: boolean
  isLast: boolean
}

/** The steps as the form shows them. */
export const presentSteps = (
  { steps }: Draft,
  { content }: Pick<Proposal, 'content'>,
  tickets: ReadonlyMap<string, Ticket>,
  ticketsEdited: readonly TicketEdit[] = [],
): StepView[] =>
  steps.map((draft, at) => {
    const given = content.steps.find(({ name }) => name === draft.name)
    const edits = given ? fieldEdits(fieldsOf(given), draft.fields) : []
    const step = { ...given, ...draft.fields, do: draft.do, name: draft.name } as unknown as Step
    const key = given && 'ticket' in given ? given.ticket : null
    return {
      ...draft,
      ticket: key === null ? null : { key, title: tickets.get(key)?.title ?? '' },
      ...stepWords(step),
      heading: stepTitle(step),
      ticketEdits:
        draft.do === 'delegate'
          ? (ticketsEdited.find(({ ticket }) => ticket === key)?.fields ?? [])
          : [],
      was: Object.fromEntries(edits.map(({ field, before }) => [field, before])),
      isEdited: edits.length > 0,
      isFirst: at === 0,
      isLast: at === steps.length - 1,
    }
  })
