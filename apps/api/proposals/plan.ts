import type { Content, Step } from '@mc/core/proposals/proposal.ts'
import { isClosed, type Ticket } from '@mc/core/tickets/ticket.ts'
import { enumerate, plural } from '../frame/format.ts'
import { stepTitle } from './edits.ts'

/** A link between two steps that is not what it looks like: `step` waits for `other`. */
export type LostLink = { step: string; other: string; title: string; otherTitle: string }

export type Plan = {
  chosen: number
  all: number
  /** What happens on acceptance, a sentence each. */
  sentences: string[]
  lost: LostLink[]
  /** Steps that stand above what they wait for: their place alone is no order. */
  turned: LostLink[]
}

export type PlanFacts = {
  tickets: ReadonlyMap<string, Pick<Ticket, 'status'>>
  /** Whether there is a worker to hand work to. */
  workers: boolean
  /** Why nothing is begun now; null: it is. */
  held: string | null
}

/** What accepting this content does, before it is done. `all`: the steps it was chosen from. */
export const planOf = (content: Content, all: readonly Step[], facts: PlanFacts): Plan => {
  const { steps } = content
  const chosen = new Set(steps.map(({ name }) => name))
  const titles = new Map(all.map((step) => [step.name, stepTitle(step)]))
  const waitsFor = (step: Step) => (step.do === 'file' ? (step.after ?? []) : [])
  const lost = steps.flatMap((step) =>
    waitsFor(step)
      .filter((other) => titles.has(other) && !chosen.has(other))
      .map((other) => ({
        step: step.name,
        other,
        title: stepTitle(step),
        otherTitle: titles.get(other) ?? other,
      })),
  )
  const isHeldUp = (step: Step) =>
    waitsFor(step).some((ref) => {
      if (chosen.has(ref)) return true
      const ticket = facts.tickets.get(ref)
      return ticket !== undefined && !isClosed(ticket.status)
    })
  const places = new Map(steps.map(({ name }, at) => [name, at]))
  const turned = steps.flatMap((step, at) =>
    waitsFor(step)
      .filter((other) => (places.get(other) ?? -1) > at)
      .map((other) => ({
        step: step.name,
        other,
        title: stepTitle(step),
        otherTitle: titles.get(other) ?? other,
      })),
  )
  return {
    chosen: steps.length,
    all: all.length,
    sentences: steps.length === 0 ? [] : sentencesOf(content, isHeldUp, facts),
    lost,
    turned,
  }
}

const sentencesOf = (
  { steps, parent }: Content,
  isHeldUp: (step: Step) => boolean,
  { workers, held }: PlanFacts,
): string[] => {
  const filed = steps.filter((step) => step.do === 'file')
  // Without a worker only what Luci does herself begins.
  const isWork = (step: Step) =>
    (workers && step.do === 'delegate') ||
    (step.do === 'file' && (step.does === 'luci' || (workers && step.does === 'worker')))
  const forWorker = steps.filter(
    (step) => step.do === 'delegate' || (step.do === 'file' && step.does === 'worker'),
  )
  const now = steps.filter((step) => isWork(step) && !isHeldUp(step))
  const later = steps.filter((step) => isWork(step) && isHeldUp(step))
  const yours = filed.filter(({ does }) => does === 'person')
  const closed = steps.filter((step) => step.do === 'close')
  const told = steps.filter((step) => step.do === 'alert')
  const missing = forWorker.length > 0 && !workers
  const names = (some: readonly Step[]) =>
    some.length <= 3 ? enumerate(some.map((step) => `“${stepTitle(step)}”`)) : null
  return [
    ...(filed.length > 0
      ? [
          `${plural(filed.length, 'ticket')} ${filed.length === 1 ? 'is' : 'are'} filed${parent === 'new' ? ' under a new one' : parent ? ` under ${parent}` : ''}${yours.length > 0 ? `, ${yours.length === filed.length ? 'for you' : `${yours.length} for you`}` : ''}.`,
        ]
      : []),
    ...(now.length > 0
      ? [
          held
            ? `${plural(now.length, 'step')} would begin at once, but waits: ${held}.`
            : `${names(now) ?? plural(now.length, 'step')} ${now.length === 1 ? 'begins' : 'begin'} at once.`,
        ]
      : []),
    ...(later.length > 0
      ? [
          `${names(later) ?? plural(later.length, 'step')} ${later.length === 1 ? 'begins' : 'begin'} when what comes before is done.`,
        ]
      : []),
    ...(missing
      ? [
          'No worker is configured: what is for one is filed and not begun. Once one is (MC_WORKER_COMMAND, start again), have it done from its ticket.',
        ]
      : []),
    ...(closed.length > 0
      ? [`${enumerate(closed.map((step) => ('ticket' in step ? step.ticket : '')))} is closed.`]
      : []),
    ...(told.length > 0 ? [`You are sent ${plural(told.length, 'message')}.`] : []),
  ]
}
