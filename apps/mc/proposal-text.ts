import type { Act } from '@mc/core/acts/act.ts'
import type { Content, Proposal, Step } from '@mc/core/proposals/proposal.ts'
import { fieldWords, type TicketEdit } from '@mc/core/proposals/ticket-edits.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import { shortTime } from './time.ts'

/** What a verb of Luci's answers when a person must say yes first. */
export type Waits = { proposal: Proposal; note: string }

/** As `GET /proposals/:id` answers it. */
export type Story = Proposal & { acts: Act[]; tickets: Ticket[]; ticketEdits: TicketEdit[] }

const stateWord = (state: Proposal['state']): string =>
  state === 'withdrawn' ? 'taken back' : state.replace('_', ' ')

/** A proposal as a person reads it on a terminal. Pure. */
export const proposalText = (story: Story): string => {
  const { id, state, turnId, createdAt, reason, asked, replaces, content, accepted } = story
  const mayDecide = state === 'open' || state === 'changes_asked'
  return [
    `Proposal ${id} · ${stateWord(state)} · ${shortTime(createdAt)}${turnId ? ` · turn ${turnId}` : ''}${replaces ? ` · in place of ${replaces}` : ''}`,
    content.title,
    ...(content.summary ? ['', content.summary] : []),
    '',
    stepsText(content),
    ...questionsText(content),
    ...(asked ? ['', `Asked for: ${asked}`] : []),
    // Why it waited is of no interest once it was accepted or replaced.
    ...(reason &&
    (mayDecide || state === 'refused' || state === 'withdrawn' || state === 'carried_out')
      ? ['', reason]
      : []),
    ...(accepted && JSON.stringify(accepted) !== JSON.stringify(content)
      ? ['', `${agreedWord(story, accepted)}:`, stepsText(accepted)]
      : []),
    ...cameText(story),
    ...editsText(story),
    ...(mayDecide
      ? [
          '',
          `To decide: npx -y pnpm@12 mc proposal accept ${id} [--only name,name], or park, refuse, changes`,
        ]
      : []),
  ].join('\n')
}

/** What its workers would be told otherwise than when it was proposed, and how to say yes to that. */
const editsText = ({ id, ticketEdits }: Story): string[] =>
  ticketEdits.length === 0
    ? []
    : [
        '',
        ...ticketEdits.flatMap(({ ticket, fields }) => [
          `${ticket} was changed since this was proposed: ${fields.map(({ field }) => fieldWords[field]).join(' and ')}. Now:`,
          ...fields.map(({ after }) => after || '(nothing)'),
        ]),
        `To accept it as it reads now: npx -y pnpm@12 mc proposal accept ${id} --seen ${Math.max(...ticketEdits.map(({ edit }) => edit))}`,
      ]

/** Whether a person chose among the steps, or put them in other words. */
const agreedWord = ({ state, content, acts }: Story, accepted: Content): string => {
  const proposed = new Set(content.steps.map(({ name }) => name))
  const isEdited =
    acts.some((act) => act.state === 'edited') ||
    accepted.steps.some(({ name }) => !proposed.has(name))
  return `${state === 'parked' ? 'Parked' : 'Accepted'}${isEdited ? ' as edited' : ''}`
}

/** The steps as a tree: each below the last of those that it waits for. Pure. */
export const stepsText = ({ steps, parent }: Content): string => {
  const under = new Map<string | null, Step[]>()
  for (const step of steps) {
    const above = aboveOf(step, steps)
    under.set(above, [...(under.get(above) ?? []), step])
  }
  const lines: string[] = []
  const shown = new Set<string>()
  const draw = (step: Step, indent: string): void => {
    if (shown.has(step.name)) return
    shown.add(step.name)
    lines.push(`${indent}${indent ? '└ ' : ''}${step.name}: ${lineOf(step)}`)
    for (const next of under.get(step.name) ?? []) draw(next, `${indent}  `)
  }
  for (const step of under.get(null) ?? []) draw(step, '')
  if (parent === 'new') lines.unshift('(parts of a new ticket with this title)')
  else if (parent) lines.unshift(`(parts of ${parent})`)
  return lines.join('\n')
}

/** The step it stands below: of those it waits for, the one that comes last. Null: none. */
const aboveOf = (step: Step, steps: readonly Step[]): string | null =>
  step.do === 'file'
    ? (steps.findLast(({ name }) => step.after?.includes(name) && name !== step.name)?.name ?? null)
    : null

const lineOf = (step: Step): string => {
  if (step.do === 'alert') return `tell you “${step.title}”`
  if (step.do === 'close')
    return `close ${step.ticket} as ${step.status}${step.why ? ` (${step.why})` : ''}`
  const facts = [
    `risk ${step.risk}`,
    ...(step.do === 'file' && step.after ? [`after ${step.after.join(', ')}`] : []),
    ...(step.do === 'file' && step.priority ? [step.priority] : []),
    ...(step.do === 'file' && step.due ? [`due ${step.due}`] : []),
    ...(step.folder ? [`in ${step.folder}`] : []),
    ...(step.review ? ['success waits in review'] : []),
  ].join(', ')
  return step.do === 'file'
    ? `${step.title} [${doer[step.does]}, ${facts}]`
    : `have a worker do ${step.ticket} [${facts}]`
}

const doer = { person: 'you', luci: 'Luci', worker: 'a worker' } as const

const questionsText = ({ questions = [] }: Content): string[] =>
  questions.length === 0
    ? []
    : [
        '',
        'She asks:',
        ...questions.map(
          ({ text, options }) => `- ${text}${options ? ` (${options.join(', ')})` : ''}`,
        ),
      ]

const cameText = ({ tickets, acts, state }: Story): string[] => {
  const over = state !== 'open' && state !== 'changes_asked'
  const decided = new Map(acts.map(({ step, state: became }) => [step, became]))
  // Its steps share one end then, which the first line has said.
  const eachEnded = state !== 'withdrawn' && state !== 'replaced'
  return [
    ...(over && eachEnded && decided.size > 0
      ? ['', [...decided].map(([step, became]) => `${step ?? 'parent'} ${became}`).join(', ')]
      : []),
    ...(tickets.length > 0
      ? ['', ...tickets.map(({ key, status, title }) => `${key}  ${status}  ${title}`)]
      : []),
  ]
}
