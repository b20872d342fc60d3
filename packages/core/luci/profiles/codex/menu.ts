import type { Prompt } from '../../../turns/turn.ts'
import { cellsOf, type Menu, type Sight, textOf } from '../screen.ts'

/*
 * A question takes the input's place at the bottom of the screen: its words, numbered choices of
 * which one is marked, and a line that says what Enter does. First-run screens are drawn the same
 * way from the top, with nothing under them.
 */

type Row = { text: string; marked: boolean }

const CHOICE = /^( {0,2})([›>] | {2})(\d{1,2})\. (.+)$/
const FOOTER = /\benter\b.*\b(confirm|continue|submit|select|save)\b|\benter (confirm|continue)\b/i
/** Between the choices and the end of the picture stands no more than that. */
const FOOTER_ROWS_MAX = 6

/** The question at the bottom of the picture; null when there is none. */
export const menuIn = ({ rows }: Sight): Menu | null => {
  const seen = rows.map(rowOf)
  while (seen.at(-1)?.text === '') seen.pop()
  const from = firstChoice(seen)
  if (from === null) return null
  const { options, end } = choicesFrom(seen, from)
  const foot = seen.slice(end)
  if (foot.length > FOOTER_ROWS_MAX || !foot.some(({ text }) => FOOTER.test(text))) return null
  if (options.length < 2 || options.filter(({ selected }) => selected).length !== 1) return null
  const text = wordsAbove(seen, from)
  return text === '' ? null : { kind: kindOf(text), text, options, axis: 'vertical' }
}

/** A mark counts only where the program draws it, in a style that no reply can have. */
const rowOf = (row: string): Row => {
  const text = textOf(row)
  const sign = cellsOf(row).find(({ char }) => char !== ' ')
  const isMark = sign?.char === '›' || sign?.char === '>'
  return { text, marked: isMark && (sign?.inverse === true || sign?.colour != null) }
}

/** The last row that is choice 1. */
const firstChoice = (seen: readonly Row[]): number | null => {
  const at = seen.findLastIndex(({ text }) => CHOICE.exec(text)?.[3] === '1')
  return at === -1 ? null : at
}

const choicesFrom = (seen: readonly Row[], from: number) => {
  const options: { label: string; selected: boolean }[] = []
  let end = from
  for (let at = from; at < seen.length; at += 1) {
    const { text, marked } = seen[at] as Row
    const choice = CHOICE.exec(text)
    if (choice && Number(choice[3]) === options.length + 1) {
      options.push({ label: spaced(choice[4] as string), selected: marked })
      end = at + 1
    } else if (text === '') {
      // One empty row may part the choices.
      if (seen[at + 1]?.text === '') break
    } else if (/^ {4,}/.test(text)) {
      const last = options.at(-1)
      if (last) last.label += ` ${spaced(text)}`
      end = at + 1
    } else break
  }
  return { options, end }
}

/** From the question's first row on; two empty rows part it from what stands above. */
const wordsAbove = (seen: readonly Row[], from: number): string => {
  let end = from
  while (end > 0 && seen[end - 1]?.text === '') end -= 1
  let start = end
  while (start > 0 && !(seen[start - 1]?.text === '' && (seen[start - 2]?.text ?? '') === ''))
    start -= 1
  return seen
    .slice(start, end)
    .map(({ text }) => text)
    .join('\n')
    .trim()
}

const spaced = (text: string): string => text.trim().replace(/ {2,}/g, ' — ')

const kindOf = (text: string): Prompt['kind'] => {
  if (/Welcome to Codex/.test(text)) return 'login'
  return /^Question \d+\/\d+/.test(text) ? 'question' : 'permission'
}
