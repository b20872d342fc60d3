import type { Menu } from '../screen.ts'

/** The dialog at the end of the screen; null when there is none, or no choice in it. */
export const menuIn = (lines: readonly string[]): Menu | null => {
  const inside = lastBox(lines)
  return inside && (keyIn(inside) ?? choiceIn(inside))
}

/** The rows inside the box that ends the screen; its top may have gone above. */
const lastBox = (lines: readonly string[]): string[] | null => {
  const bottom = lines.findLastIndex((line) => line !== '')
  const [, margin] = /^( ?)╰─+╯$/.exec(lines[bottom] ?? '') ?? []
  if (margin === undefined) return null
  const top = lines.slice(0, bottom).findLastIndex((line) => line.startsWith(`${margin}╭`))
  const inside = lines.slice(top + 1, bottom)
  if (!inside.every((line) => line.startsWith(`${margin}│`) && line.endsWith('│'))) return null
  return inside.map((line) => line.slice(margin.length + 1, -1).trimEnd())
}

const choiceIn = (inside: readonly string[]): Menu | null => {
  const found = choicesOf(inside)
  if (!found) return null
  const { first, last, column, options } = found
  // What a choice says of itself stands below it, further in. What stands below all of them tells
  // how to choose, or changes with the selection: neither is the question.
  const below = inside.slice(last + 1)
  const end = below.findIndex((line) => indentOf(line) <= column)
  const notes = [...inside.slice(first, last + 1), ...below.slice(0, end === -1 ? undefined : end)]
  const before = inside.slice(0, first)
  const text = [...before, ...notes.filter((line) => indentOf(line) > column)]
  return { kind: kindOf(before), text: tidy(text), options, axis: 'vertical' }
}

/** The numbered rows, from 1 on and in one column, of which one is marked. */
const choicesOf = (inside: readonly string[]) => {
  const rows = inside.flatMap((line, y) => {
    const [, before = '', mark, number, label = ''] = /^( *)(●| ) (\d+)\. +(\S.*)$/.exec(line) ?? []
    const column = before.length + 2
    return number ? [{ y, column, mark, number: Number(number), label }] : []
  })
  const at = rows.findIndex(({ mark }) => mark === '●')
  const marked = rows[at]
  if (!marked) return null
  const inColumn = rows.filter(({ column }) => column === marked.column)
  const start = inColumn.indexOf(marked) - (marked.number - 1)
  const options = inColumn.slice(Math.max(start, 0))
  if (options.some(({ number }, index) => number !== index + 1)) return null
  if (options.filter(({ mark }) => mark === '●').length !== 1) return null
  return {
    first: options[0]?.y ?? 0,
    last: options.at(-1)?.y ?? 0,
    column: marked.column,
    options: options.map(({ label, mark }) => ({ label, selected: mark === '●' })),
  }
}

/** Where a key is entered, the one from the environment stands already. It is shown to nobody. */
const keyIn = (inside: readonly string[]): Menu | null => {
  const [title = '', ...rest] = inside.filter((line) => line !== '')
  if (title.trim() !== 'Enter Gemini API Key') return null
  const field = rest.find((line) => /^ │ .*│$/.test(line)) ?? ''
  if (/^ *$|^ *Paste your API key here$/.test(withoutFrame(field))) return null
  const text = 'Enter Gemini API Key\nA key stands in the field already.'
  return { kind: 'login', text, options: [{ label: 'Use it', selected: true }], axis: 'vertical' }
}

const indentOf = (line: string) => (line === '' ? 0 : line.search(/\S/))

/** A box within the box, around the command. */
const frame = /^ *[╭╰]─+[╮╯]$/
const withoutFrame = (line: string) => line.replace(/^ *│ (.*)│$/, '$1').trimEnd()

const tidy = (rows: readonly string[]): string =>
  rows
    .filter((line) => !frame.test(line))
    .map((line) => withoutFrame(line).trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

const kindOf = (before: readonly string[]): Menu['kind'] => {
  const text = before.join('\n')
  if (/\bauthenticat|\bsign in\b|\blog ?in\b/i.test(text)) return 'login'
  return /^ *Answer Questions$/m.test(text) ? 'question' : 'permission'
}
