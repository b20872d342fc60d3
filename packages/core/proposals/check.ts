import { isClosed, type Ticket } from '../tickets/ticket.ts'
import type { Content, FileStep, Step } from './proposal.ts'

export type Facts = {
  /** The tickets that the content names, by key; one that is missing does not exist. */
  tickets: ReadonlyMap<string, Ticket>
  /** Those that a worker waits for or works on, by key, each with its run. */
  busy: ReadonlyMap<string, string>
  /** Why a worker may not work in a folder, which may yet have to be made; null: it may. */
  refusedFolder(folder: string, mayCome: boolean): string | null
  /** Steps of the proposal as it was made: what waits for one that was not chosen loses that link. */
  known?: ReadonlySet<string>
}

/** A ticket's key, where a step's name might stand. */
export const isKey = (ref: string): boolean => /^MC-\d+$/.test(ref)

/**
 * Everything that is wrong with a proposal, each mistake in a sentence that names its step; empty
 * when it can be carried out as it stands. Pure.
 */
export const mistakesIn = (content: Content, facts: Facts): string[] => {
  const names = new Map(content.steps.map((step) => [step.name, step]))
  return [
    ...(content.title === '' ? ['the title says nothing'] : []),
    ...parentMistakes(content, facts),
    ...content.steps.flatMap((step, n) => stepMistakes(step, n, content, names, facts)),
    ...sharedTickets(content.steps),
    ...circles(content.steps),
  ]
}

/** The tickets that a proposal speaks of, by key. */
export const namedTickets = (content: Content): string[] => [
  ...new Set([
    ...(content.parent && content.parent !== 'new' ? [content.parent] : []),
    ...content.steps.flatMap((step) =>
      step.do === 'file'
        ? (step.after ?? []).filter(isKey)
        : step.do === 'alert'
          ? []
          : [step.ticket],
    ),
  ]),
]

const parentMistakes = ({ parent }: Content, { tickets }: Facts): string[] =>
  parent === undefined || parent === 'new' || tickets.has(parent)
    ? []
    : [`parent: there is no ticket ${parent}`]

const stepMistakes = (
  step: Step,
  n: number,
  content: Content,
  names: ReadonlyMap<string, Step>,
  facts: Facts,
): string[] => {
  const say = (what: string) => `step "${step.name}": ${what}`
  const found: string[] = []
  if (content.steps.findIndex(({ name }) => name === step.name) < n)
    found.push(say('another step has this name'))
  if ('title' in step && step.title === '') found.push(say('its title says nothing'))
  if (step.do === 'delegate' || step.do === 'close') found.push(...ticketMistakes(step, facts, say))
  if (step.do === 'file')
    for (const ref of step.after ?? [])
      found.push(...waitMistakes(ref, step, content, names, facts).map(say))
  if ('folder' in step && step.folder) {
    const why = facts.refusedFolder(step.folder, step.do === 'file' && step.after !== undefined)
    if (why) found.push(say(why))
  }
  return found
}

const ticketMistakes = (
  step: Extract<Step, { ticket: string }>,
  { tickets, busy }: Facts,
  say: (what: string) => string,
): string[] => {
  const ticket = tickets.get(step.ticket)
  if (!ticket) return [say(`there is no ticket ${step.ticket}`)]
  if (isClosed(ticket.status)) return [say(`${ticket.key} is ${ticket.status} already`)]
  const run = step.do === 'delegate' ? busy.get(ticket.key) : undefined
  return run ? [say(`${ticket.key} is being done already (run ${run})`)] : []
}

const waitMistakes = (
  ref: string,
  step: FileStep,
  { parent }: Content,
  names: ReadonlyMap<string, Step>,
  { tickets, known }: Facts,
): string[] => {
  if (isKey(ref)) {
    if (ref === parent) return [`it cannot wait for ${ref}, of which it becomes a part`]
    const ticket = tickets.get(ref)
    if (!ticket) return [`it waits for ${ref}, which does not exist`]
    return ticket.status === 'cancelled' && !known
      ? [`it waits for ${ref}, which is cancelled and will never be done`]
      : []
  }
  if (ref === step.name) return ['it cannot wait for itself']
  const other = names.get(ref)
  if (other) return other.do === 'alert' ? [`it waits for "${ref}", which is no work`] : []
  return known?.has(ref) ? [] : [`it waits for "${ref}", which is neither a step nor a ticket`]
}

const sharedTickets = (steps: readonly Step[]): string[] => {
  const seen = new Map<string, string>()
  return steps.flatMap((step) => {
    if (step.do !== 'delegate' && step.do !== 'close') return []
    const earlier = seen.get(step.ticket)
    seen.set(step.ticket, step.name)
    return earlier === undefined
      ? []
      : [`step "${step.name}": ${step.ticket} is in step "${earlier}" already`]
  })
}

/** Each circle once, told as the way around it. */
const circles = (steps: readonly Step[]): string[] => {
  const after = new Map(
    steps.map((step) => [step.name, step.do === 'file' ? (step.after ?? []) : []]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const walk = (name: string, way: readonly string[]): void => {
    const start = way.indexOf(name)
    if (start >= 0) {
      if (way.length - start > 1)
        found.push(
          `these wait for each other in a circle: ${[...way.slice(start), name].join(' → ')}`,
        )
      return
    }
    if (done.has(name)) return
    for (const ref of after.get(name) ?? []) if (after.has(ref)) walk(ref, [...way, name])
    done.add(name)
  }
  for (const { name } of steps) walk(name, [])
  return found
}
