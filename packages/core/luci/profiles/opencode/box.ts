import { type Cell, gridOf, type Sight } from '../screen.ts'

/* A picture of OpenCode's as boxes: rows with a bar (┃) at their left. */

export type Row = readonly Cell[]

/** A box's rows from its top to its bottom, each without its bar and what stands beside it. */
export type Box = { rows: Row[]; top: number; left: number }

const BAR = '┃'

export const picture = ({ rows }: Sight): Row[] => gridOf(rows)

/** As a person reads it, without the spaces at its end. */
export const lineOf = (row: Row): string =>
  row
    .map(({ char }) => char)
    .join('')
    .trimEnd()

export const textOf = (rows: readonly Row[]): string => rows.map(lineOf).join('\n')

/** The box whose last row is this one. `columns`: how wide it is; null when only its colour tells. */
export const boxAbove = (
  rows: readonly Row[],
  bottom: number,
  left: number,
  columns: number | null,
): Box => {
  const top = rows.slice(0, bottom + 1).findLastIndex((row) => row[left]?.char !== BAR) + 1
  const inside = rows.slice(top, bottom + 1).map((row) => within(row, left, columns))
  return { rows: inside, top, left }
}

/** The box that ends the picture: nothing stands below it. Null when there is none. */
export const lastBox = (rows: readonly Row[]): Box | null => {
  const bottom = rows.findLastIndex((row) => /^\s*┃/.test(lineOf(row)))
  const left = rows[bottom]?.findIndex(({ char }) => char === BAR) ?? -1
  if (left < 0 || rows.slice(bottom + 1).some((row) => lineOf(row) !== '')) return null
  return boxAbove(rows, bottom, left, null)
}

/** The colour of a word's first character; null as well when it is the terminal's own. */
export const colourOf = (row: Row, word: string): string | null => {
  const at = lineOf(row).lastIndexOf(word)
  // Characters as JavaScript counts them, of which a cell may hold several.
  let passed = 0
  for (const { char, colour } of row) {
    if (passed >= at) return colour
    passed += char.length
  }
  return null
}

/** What is right of the bar, up to the sidebar: the page, of the colour left of the bar, is between. */
const within = (row: Row, left: number, columns: number | null): Row => {
  const page = row[left - 1]?.background ?? null
  const inside = row.slice(left + 1)
  const coloured = (inside[0]?.background ?? null) !== page
  const edge = coloured ? inside.findIndex(({ background }) => background === page) : -1
  const seen = edge < 0 ? inside : inside.slice(0, edge)
  return columns === null ? seen : seen.slice(0, cellsIn(seen, columns))
}

/** How many characters fit into so many columns. */
const cellsIn = (row: Row, columns: number): number => {
  let width = 0
  const over = row.findIndex(({ char }) => {
    width += widthOf(char)
    return width > columns
  })
  return over < 0 ? row.length : over
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const widthOf = (char: string): number => (/\p{M}|\p{Cf}/u.test(char) ? 0 : wide.test(char) ? 2 : 1)
