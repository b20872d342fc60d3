import type { Content, Proposal, Step } from './proposal.ts'

/**
 * What Luci is told when a person asks for changes: their note, what they edited, and how to
 * answer. Null when there is neither. Pure.
 */
export const changesAsked = (
  proposal: Pick<Proposal, 'id' | 'content' | 'title'>,
  note: string,
  edited: Content | null,
): string | null => {
  const edits = edited ? differences(proposal.content, edited) : []
  if (note === '' && edits.length === 0) return null
  return [
    `Changes are asked for in your proposal ${proposal.id}, “${proposal.title}”. Nothing of it was done.`,
    ...(note === '' ? [] : ['', note]),
    ...(edits.length === 0 ? [] : ['', 'I edited it so:', ...edits.map((edit) => `- ${edit}`)]),
    '',
    `Please propose it anew, the whole of it, in place of that one: mc propose --replaces ${proposal.id} (or the tool propose with "replaces": "${proposal.id}"). mc proposal show ${proposal.id} --json shows it as it was${edits.length > 0 ? ' (content) and as I edited it (askedContent)' : ''}.`,
  ].join('\n')
}

const ASKED =
  /^Changes are asked for in your proposal ([0-9a-f]{6}), [^\n]*\n([\s\S]*)\n(Please propose it anew, [^\n]*)$/
const ADDED_LINE = /^- step "[^"]*" added: (\{.*\})$/

/**
 * The text of `changesAsked` as a person reads it: which proposal, their own words and edits, and
 * what Luci is told besides. Null for any other text. Pure.
 */
export const readChangesAsked = (
  text: string,
): { proposal: string; words: string; besides: string } | null => {
  const [, proposal, words, besides] = ASKED.exec(text) ?? []
  if (proposal === undefined || words === undefined || besides === undefined) return null
  return { proposal, words: words.trim().split('\n').map(inWords).join('\n'), besides }
}

/** A step that was added stands there as JSON, for Luci; a person knows it by its title. */
const inWords = (line: string): string => {
  const [, json] = ADDED_LINE.exec(line) ?? []
  if (json === undefined) return line
  try {
    const { title } = JSON.parse(json) as { title?: unknown }
    return typeof title === 'string' ? `- added: “${title}”` : line
  } catch {
    // A note that looks like one.
    return line
  }
}

/** Every edit in a line: field before → after, steps removed and added, another order. Pure. */
export const differences = (before: Content, after: Content): string[] => {
  const was = new Map(before.steps.map((step) => [step.name, step]))
  const is = new Map(after.steps.map((step) => [step.name, step]))
  return [
    ...fields('', pick(before, contentFields), pick(after, contentFields)),
    ...after.steps.flatMap((step) => {
      const old = was.get(step.name)
      return old
        ? fields(`step "${step.name}": `, { ...old }, { ...step })
        : [`step "${step.name}" added: ${JSON.stringify(step)}`]
    }),
    ...before.steps
      .filter(({ name }) => !is.has(name))
      .map((step) => `step "${step.name}" removed (${whatOf(step)})`),
    ...orderOf(before, after),
  ]
}

const contentFields = ['title', 'summary', 'parent', 'questions'] as const

const pick = (content: Content, names: readonly (keyof Content)[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, content[name]]))

const fields = (
  where: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [was, is] = [shown(before[name]), shown(after[name])]
    return was === is ? [] : [`${where}${name}: ${was} → ${is}`]
  })

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

const whatOf = (step: Step): string => ('title' in step ? step.title : `${step.do} ${step.ticket}`)

const orderOf = (before: Content, after: Content): string[] => {
  const names = ({ steps }: Content, other: Content) =>
    steps.map(({ name }) => name).filter((name) => other.steps.some((step) => step.name === name))
  const [was, is] = [names(before, after), names(after, before)]
  return was.join() === is.join() ? [] : [`the order is now: ${is.join(', ')}`]
}
