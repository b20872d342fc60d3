import type { Item } from '../inbox/item.ts'
import { outcomeOf, plain } from './outcome.ts'
import { isLike, says } from './pattern.ts'
import type { Opinion, Rule } from './rules.ts'
import { covers } from './verdict.ts'

export const writtenActions = ['silent', 'ticket', 'alert', 'alert+ticket', 'ask', 'mute'] as const
export type WrittenAction = (typeof writtenActions)[number]

export const protectedThings = ['auth', 'critical'] as const
export type Protected = (typeof protectedThings)[number]

/** A rule as a person wrote it, checked. Every field of `match` must agree; of a list, one entry. */
export type WrittenRule = {
  name: string
  match: {
    source: string[]
    task: string[]
    tag: string[]
    kind: string[]
    priority: string[]
    text: string[]
  }
  action: WrittenAction
  /** ISO time; from then on a mute says nothing any more. Null unless the action is mute. */
  until: string | null
  /** What it may silence that no rule silences unasked. */
  even: Protected[]
  reason: string | null
}

/** `rule:user:<name>` in the audit, so that no name is taken for one of ours. */
export const ruleOf = (written: WrittenRule): Rule => ({
  name: `user:${written.name}`,
  sentence: sentenceOf(written),
  decide: (item, { now }) => {
    if (written.until !== null && written.until <= now.toISOString()) return null
    return matches(written, item) && mayDecide(written, item) ? opinionOf(written) : null
  },
})

/** Less than an alert passes over what only a person can mend, unless the rule says "even". */
const mayDecide = ({ action, even }: WrittenRule, item: Item): boolean => {
  if (action !== 'ask' && action !== 'mute' && covers(action, 'alert')) return true
  if (item.kind === 'ok') return true
  return (
    (item.kind !== 'auth' || even.includes('auth')) &&
    (item.priority !== 'critical' || even.includes('critical') || isAuthItself(item, even))
  )
}

/** Our own refused credentials are all critical: who says "even: [auth]" means them too. */
const isAuthItself = (item: Item, even: readonly Protected[]): boolean =>
  item.kind === 'auth' && even.includes('auth')

const opinionOf = ({ name, action, until, reason, even }: WrittenRule): Opinion => {
  const because = reason ? `: ${reason}` : ''
  const below = even.length > 0 ? { belowFloor: true as const } : {}
  if (action === 'mute')
    return {
      action: 'silent',
      reason: `Muted until ${until?.slice(0, 16)}Z by your rule "${name}"${because}`,
      ...below,
    }
  return { action, reason: `Your rule "${name}"${because}`, ...below }
}

const matches = ({ match }: WrittenRule, item: Item): boolean => {
  const { source, task, tag, kind, priority, text } = match
  // What went well is routine: a rule is about it only when it says so.
  if (kind.length > 0 ? !kind.includes(item.kind ?? 'note') : item.kind === 'ok') return false
  if (priority.length > 0 && !priority.includes(item.priority)) return false
  if (source.length > 0 && !sourcesOf(item).some((name) => anyLike(name, source))) return false
  if (task.length > 0 && !anyLike(taskOf(item), task)) return false
  if (tag.length > 0 && !tagsOf(item).some((name) => anyLike(name, tag))) return false
  if (text.length === 0) return true
  const said = textOf(item)
  return text.some((words) => says(said, words))
}

const anyLike = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => isLike(name, pattern))

/** A webhook's items are also known by what it sends (`webhook/github`) and by its name. */
const sourcesOf = ({ source, sourceId, detail }: Item): string[] => {
  const below = source === 'webhook' ? [sourceId, detail.shape, detail.webhook] : [sourceId]
  const names = below.filter((name): name is string => typeof name === 'string')
  return [source, ...names.map((name) => `${source}/${name}`)]
}

const taskOf = (item: Item): string =>
  outcomeOf(item).task ?? (item.source === 'scheduler' ? (item.sourceId ?? '') : '')

const tagsOf = ({ detail }: Item): string[] =>
  Array.isArray(detail.tags) ? detail.tags.filter((tag) => typeof tag === 'string') : []

/** As pages and Luci see it: without terminal sequences, secrets and invisible characters. */
const textOf = (item: Item): string => {
  const { cause, excerpt } = outcomeOf(item)
  return plain([item.message, cause ?? '', excerpt].join('\n'))
}

/** What a person reads of it in a list. */
export const sentenceOf = ({ match, action, until, even }: WrittenRule): string => {
  const parts = Object.entries(match)
    .filter(([, values]) => values.length > 0)
    .map(([field, values]) => `${field} ${values.map((value) => `"${value}"`).join(' or ')}`)
  const what = { ask: 'Luci is asked', mute: `silent until ${until?.slice(0, 16)}Z` }
  const then = action === 'ask' || action === 'mute' ? what[action] : action
  const also = even.length > 0 ? `, even ${even.join(' and ')}` : ''
  return `Yours: ${parts.join(', ')}: ${then}${also}.`
}
