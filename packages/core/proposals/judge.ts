import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { parseTicketKey, risks, type Ticket } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { mistakesIn, namedTickets } from './check.ts'
import { cleanContent } from './clean.ts'
import { foldersIn } from './folders.ts'
import { refuseMistakes } from './mistakes.ts'
import { type Content, classesOf, type Step } from './proposal.ts'
import { workedOn } from './worked-on.ts'

export type JudgeDeps = {
  /** Why a worker may not work in a folder, hers or a person's; null: it may. Left out: it may in any. */
  refusedFolder?: (folder: string, mayCome: boolean, lucis: boolean) => string | null
}

/**
 * The content as it is stored, when it can be carried out as it stands. Throws `invalid` with
 * every mistake. `proposed`: what a person edits, of which steps may be left out.
 */
export const judged = async (
  tx: Database,
  clock: Clock,
  { refusedFolder = () => null }: JudgeDeps,
  given: Content,
  proposed?: Content,
): Promise<Content> => {
  const cleaned = cleanContent(given)
  const tickets = createTickets(tx, clock)
  const found = new Map<string, Ticket>()
  for (const key of namedTickets(cleaned)) {
    const ticket = await tickets.find(parseTicketKey(key) ?? 0)
    if (ticket) found.set(key, ticket)
  }
  // A person's own edit may say that a risk is low.
  const content = proposed ? cleaned : heeding(cleaned, found)
  const problems = mistakesIn(content, {
    tickets: found,
    busy: await workedOn(tx, [...found.keys()]),
    // What a person names may be anywhere.
    refusedFolder: (folder, mayCome) =>
      refusedFolder(folder, mayCome, !proposed || foldersIn(proposed).has(folder)),
    ...(proposed ? { known: new Set(proposed.steps.map(({ name }) => name)) } : {}),
  })
  refuseMistakes(problems)
  return content
}

/**
 * The content with what the tickets say of themselves, which Luci cannot talk down: the risk of
 * handing one over is at least its own (nobody said: medium), and a review that was asked for
 * stays. Pure.
 */
const heeding = (content: Content, tickets: ReadonlyMap<string, Ticket>): Content => ({
  ...content,
  steps: content.steps.map((step) => {
    const ticket = step.do === 'delegate' ? tickets.get(step.ticket) : undefined
    if (step.do !== 'delegate' || !ticket) return step
    const own = ticket.risk ?? 'medium'
    const risk = risks.indexOf(own) > risks.indexOf(step.risk) ? own : step.risk
    return { ...step, risk, ...(ticket.review && step.review === false ? { review: true } : {}) }
  }),
})

/** What a step is called in a list. */
export const titleOf = (step: Step): string => {
  if (step.do === 'file') return step.title
  if (step.do === 'alert') return `Alert: ${step.title}`
  if (step.do === 'close') return `Close ${step.ticket} as ${step.status}`
  return `Have a worker do ${step.ticket}`
}

/** One entry per step and class, and one for the ticket that all become parts of. */
export const classesIn = ({ steps, parent }: Content) => [
  ...steps.flatMap(classesOf),
  ...(parent === 'new' && steps.some((step) => step.do === 'file')
    ? (['file_ticket'] as const)
    : []),
]
