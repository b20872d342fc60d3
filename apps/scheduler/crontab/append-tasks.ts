import { isMap, isSeq, LineCounter, parseDocument, stringify } from 'yaml'
import type { TaskEntry } from '../task-entry.ts'

/** A tasks file with these tasks and nothing else. */
export const tasksText = (entries: readonly TaskEntry[], timezone: string): string =>
  `timezone: ${timezone}\n\ntasks:\n${indented(entries, '  ')}`

/**
 * The text of a tasks file with these tasks after its own. Everything that stands in it stays to
 * the letter. Null when its list of tasks is written in one line, where nothing can be put in.
 */
export const appendTasks = (text: string, entries: readonly TaskEntry[]): string | null => {
  if (entries.length === 0) return text
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: true })
  const root = document.contents
  if (!isMap(root)) return root === null ? join(text, `tasks:\n${indented(entries, '  ')}`) : null
  const at = root.items.findIndex((pair) => String(pair.key) === 'tasks')
  const pair = root.items[at]
  if (!pair) return join(text, `tasks:\n${indented(entries, '  ')}`)
  const { value } = pair
  if (isSeq(value) && (value.flow || value.items.length === 0)) return null
  const first = isSeq(value) ? value.range?.[0] : undefined
  const indent = first === undefined ? '  ' : ' '.repeat(lines.linePos(first).col - 1)
  const added = indented(entries, indent)
  const next = root.items[at + 1]
  if (!next) return join(text, added)
  // Another key follows: the end of the list's own text, before the comments that lead to that key.
  const end = (isSeq(value) ? value.range?.[1] : undefined) ?? startOf(next.key)
  const lineEnd = text.indexOf('\n', Math.max(0, end - 1)) + 1
  return `${text.slice(0, lineEnd)}\n${added}\n${text.slice(lineEnd)}`
}

/** The text as it counts before tasks are appended: a file that is yet to get its list is none with mistakes. */
export const withList = (text: string): string => {
  const root = parseDocument(text).contents
  const lacksList = root === null || (isMap(root) && !root.has('tasks'))
  return lacksList ? `${text.replace(/\n*$/, '\n')}tasks: []\n` : text
}

const startOf = (node: unknown): number => (node as { range?: [number] }).range?.[0] ?? 0

const join = (text: string, added: string): string =>
  text.trim() === '' ? added : `${text.replace(/\n*$/, '\n')}\n${added}`

/** Each after an empty line, as a person would write it. */
const indented = (entries: readonly TaskEntry[], indent: string): string =>
  entries
    .map((entry) => stringify([entry], { lineWidth: 0, flowCollectionPadding: false }))
    .join('\n')
    .replace(/^(?=.)/gm, indent)
