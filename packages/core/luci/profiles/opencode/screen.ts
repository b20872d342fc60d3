import type { Menu, Screen, Sight } from '../screen.ts'
import { type Box, boxAbove, colourOf, lastBox, lineOf, picture, type Row, textOf } from './box.ts'

/*
 * OpenCode's picture (TUI of 1.18). Whatever is asked or typed stands in a box at the bottom; before
 * the first message it is in the middle:
 *
 *     ┃                                  ┃
 *     ┃  what is typed                   ┃  △ Permission required
 *     ┃                                  ┃    # Shell command
 *     ┃  Build · Model Provider          ┃  $ touch a
 *     ╹▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀           ┃
 *      ⬝⬝⬝⬝  esc interrupt               ┃   Allow once   Allow always   Reject   …  enter confirm
 *
 * Earlier messages stand in boxes too, but none of them has this end, or the picture's. The cursor
 * tells whether keys go into the box, or into a dialog that is drawn above it.
 */

export const readScreen = (sight: Sight): Screen => {
  const rows = picture(sight)
  const input = inputOf(rows, sight)
  if (input) return input
  const box = lastBox(rows)
  const menu = box && (permissionOf(box) ?? questionOf(box))
  return menu ? { type: 'menu', menu } : { type: 'unknown', text: textOf(rows).trimEnd() }
}

/** The box that is typed into. Null when it is not surely where keys go. */
const inputOf = (rows: readonly Row[], { cursor, cursorHidden }: Sight): Screen | null => {
  const end = rows.findLastIndex((row) => /^\s*╹▀{10}/.test(lineOf(row)))
  const edge = lineOf(rows[end] ?? [])
  if (end < 0 || cursorHidden) return null
  const left = edge.indexOf('╹')
  const columns = /▀+/.exec(edge)?.[0].length ?? 0
  const box = boxAbove(rows, end - 1, left, columns)
  // An empty row, what is typed, an empty row, and who answers with which model.
  const typed = box.rows.slice(1, -2)
  const [first, gap, agent] = [box.rows[0], box.rows.at(-2), box.rows.at(-1)].map((row) =>
    lineOf(row ?? []),
  )
  // In its shell mode no model is named, and what is typed would be run. A list that is open above
  // leaves no empty row.
  const takesText = typed.length > 0 && first === '' && gap === '' && / · /.test(agent ?? '')
  const row = cursor.y - box.top - 1
  const column = cursor.x - left - 3
  const isInside = row >= 0 && row < typed.length && column >= 0 && column <= columns
  if (!takesText || !isInside) return null
  const empty = row === 0 && column === 0 && typed.length === 1 && isHint(typed[0] ?? [])
  return {
    type: 'input',
    input: empty
      ? ''
      : typed
          .map((line) => lineOf(line).trim())
          .join('\n')
          .trim(),
    busy: /\besc (?:again to )?interrupt\b/.test(lineOf((rows[end + 1] ?? []).slice(left))),
  }
}

/** The suggestion that stands in the empty input. */
const isHint = (row: Row): boolean => /^ {2}Ask anything\u2026/.test(lineOf(row))

const permissionOf = ({ rows }: Box): Menu | null => {
  const keys = rows.findLastIndex((row) => / {2}⇆ select {2}enter confirm$/.test(lineOf(row)))
  const choices = rows[keys]
  if (!choices || !isEnd(rows, keys)) return null
  const labels = lineOf(choices).trim().split(/ {4,}/, 1)[0]?.split(/ {2,}/) ?? []
  const known = permissionChoices.some((set) => set.join() === labels.join())
  const asked = rows.slice(0, keys).map(lineOf)
  if (!known || !/^ {2}△ \S/.test(asked.find((line) => line !== '') ?? '')) return null
  const muted = colourOf(choices, 'confirm')
  const options = labels.map((label) => ({ label, selected: colourOf(choices, label) !== muted }))
  return { kind: 'permission', text: paragraph(asked), options, axis: 'horizontal' }
}

const permissionChoices = [
  ['Allow once', 'Allow always', 'Reject'],
  ['Confirm', 'Cancel'],
]

const questionOf = ({ rows }: Box): Menu | null => {
  const keys = rows.findLastIndex((row) => / {2}enter \w+ {2}esc dismiss$/.test(lineOf(row)))
  const row = rows[keys]
  if (!row || !isEnd(rows, keys)) return null
  const asked = rows.slice(0, keys)
  const muted = colourOf(row, 'dismiss')
  const options = asked
    .map((cells) => ({ cells, match: /^ {2}(\d+)\. (\S.*)$/.exec(lineOf(cells)) }))
    .filter(({ match }) => match !== null)
    .map(({ cells, match }) => ({
      label: match?.[2] ?? '',
      selected: colourOf(cells.slice(0, 6), `${match?.[1]}.`) !== muted,
    }))
  const isReview = options.length === 0 && asked.some((line) => lineOf(line) === '  Review')
  if (options.length === 0 && !isReview) return null
  const text = paragraph(asked.map(lineOf))
  // After several questions Enter hands the answers in.
  const choices = isReview ? [{ label: 'Hand in the answers', selected: true }] : options
  return { kind: 'question', text, options: choices.filter(isChoice), axis: 'vertical' }
}

/** A text of one's own cannot be given from afar. */
const isChoice = ({ label }: { label: string }) => !/^(?:\[.\] )?Type your own answer/.test(label)

/** Only an empty row may follow. */
const isEnd = (rows: readonly Row[], at: number): boolean =>
  rows.length - at <= 2 && rows.slice(at + 1).every((row) => lineOf(row) === '')

/** Without the empty rows around it and the space at its left. */
const paragraph = (lines: readonly string[]): string =>
  lines
    .map((line) => line.replace(/^ {1,2}/, ''))
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .replace(/\n{3,}/g, '\n\n')
