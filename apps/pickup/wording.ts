import type { Item, ItemKind } from '@mc/core/inbox/item.ts'
import { headlineOf, outcomeOf, plain } from '@mc/core/triage/outcome.ts'

const TEXT_CHARS = 1_500
const EXCERPT_CHARS = 2_048

/** What a person reads first about an item: one line. */
export const titleOf = (item: Item): string => {
  const { task, cause } = outcomeOf(item)
  if (!task || !item.kind) return headlineOf(item)
  const what = words[item.kind] ?? item.kind.replaceAll('_', ' ')
  return cause ? cut(`${task} ${what}: ${oneLine(cause)}`, 180) : cut(`${task} ${what}`, 180)
}

const words: Partial<Record<ItemKind, string>> = {
  auth: 'was refused its credential',
  timeout: 'took too long',
  could_not_start: 'could not start',
  missed: 'missed its fire',
  interrupted: 'was interrupted',
  stuck: 'is stuck',
}

/** For an alert: plain text, the reason at its end. */
export const alertText = (item: Item, reason: string, title = titleOf(item)): string => {
  const { excerpt } = outcomeOf(item)
  const message = plain(item.message).trim()
  const end = plain(excerpt).trim()
  const said = message.includes(end) ? '' : tail(end, TEXT_CHARS)
  const [first = '', ...others] = message.split('\n')
  // What stands in the title is not said again below it.
  const rest = oneLine(first) === title ? others.join('\n').trim() : message
  return [cut(rest, TEXT_CHARS), said, `Why you hear of it: ${reason}.`]
    .filter((part) => part !== '')
    .join('\n')
}

/** For a ticket: Markdown, in which outside text can be nothing but text. */
export const ticketBody = (item: Item, reason: string): string => {
  const { excerpt, exitCode } = outcomeOf(item)
  const facts = [
    `Inbox item ${item.id} from ${code(item.source)}${item.sourceId ? ` (${code(item.sourceId)})` : ''}`,
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(item.runId ? [`run ${code(item.runId)}`] : []),
  ]
  return [
    `${facts.join(', ')}. ${reason}.`,
    block(tail(plain(item.message).trim(), 8_000)),
    ...(excerpt && !plain(item.message).includes(plain(excerpt).trim())
      ? ['Its output ended with:', block(tail(plain(excerpt).trim(), EXCERPT_CHARS))]
      : []),
  ].join('\n\n')
}

const oneLine = (text: string) => plain(text).replace(/\s+/g, ' ').trim()

const cut = (text: string, max: number): string => {
  const chars = [...text]
  return chars.length <= max ? text : `${chars.slice(0, max - 1).join('')}…`
}

const tail = (text: string, max: number): string => {
  const chars = [...text]
  return chars.length <= max ? text : `…${chars.slice(1 - max).join('')}`
}

const code = (text: string) => `\`${oneLine(text).replaceAll('`', "'")}\``

/** A fence longer than any inside it. */
const block = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}
