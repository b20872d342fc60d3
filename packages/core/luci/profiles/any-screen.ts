import type { Menu, Screen, Sight } from './screen.ts'
import { cellsOf, textOf } from './screen.ts'

/*
 * The picture of a full-screen program that nobody knows: where the cursor is tells whether it
 * takes text or asks. What is not surely one of the two is `unknown`, and nothing is typed.
 */

/** The glyph before an input, perhaps behind a frame. */
const PROMPT = /^\s*[│┃|]?\s*[❯›>»]\s?/
/** An option of a menu: selected or not, numbered, perhaps behind a frame. */
const OPTION = /^\s*[│┃|]?\s*([❯›>»●▶→]\s+)?\d+[.)]\s+(\S.*?)\s*[│┃|]?\s*$/
const RULE = /^\s*[╭╰┌└─━═▀▄╌-]{3,}/
const BUSY = /\b(?:esc|ctrl[+-]c) (?:to )?(?:interrupt|cancel|stop)\b/i
/** Above the input it counts only behind a spinner: a reply may end there. */
const SPINNER =
  /^\s*[\u2800-\u28ff✻✽✢✶✳·◐◓◑◒]\s.*\b(?:esc|ctrl[+-]c) (?:to )?(?:interrupt|cancel|stop)\b/i
const ABOVE_ROWS = 4
const MENU_TEXT_ROWS = 15
const INPUT_ROWS_MAX = 30

export const readAnyScreen = (sight: Sight): Screen => {
  const rows = sight.rows.map(textOf)
  const menu = menuIn(rows)
  const top = inputTop(rows, sight.cursor.y)
  if (menu && (top === null || menu.rows.has(top))) return { type: 'menu', menu: menu.menu }
  if (top === null) return { type: 'unknown', text: rows.join('\n').trim() }
  const end = inputEnd(rows, top)
  const typed = sight.rows
    .slice(top, end)
    .map((row, at) => plainCells(row, at === 0))
    .join(' ')
    .trim()
  const above = rows.slice(Math.max(0, top - ABOVE_ROWS), top)
  const busy =
    rows.slice(end).some((row) => BUSY.test(row)) || above.some((row) => SPINNER.test(row))
  return { type: 'input', input: typed, busy }
}

/** Where the input begins on this picture; null when it shows none. */
export const inputTop = (rows: readonly string[], cursorRow: number): number | null => {
  for (let at = cursorRow; at >= Math.max(0, cursorRow - INPUT_ROWS_MAX); at -= 1) {
    const row = rows[at] ?? ''
    if (PROMPT.test(row)) return at
    if (row.trim() === '' || RULE.test(row)) return null
  }
  return null
}

const inputEnd = (rows: readonly string[], top: number): number => {
  const after = rows.slice(top + 1).findIndex((row) => row.trim() === '' || RULE.test(row))
  return after === -1 ? rows.length : top + 1 + after
}

/** The row without what is grey, its frame, and the glyph of the first one. */
const plainCells = (row: string, isFirst: boolean): string => {
  const text = cellsOf(row)
    .map(({ char, dim }) => (dim ? ' ' : char))
    .join('')
    .replace(/[│┃|]\s*$/, '')
  return isFirst ? text.replace(PROMPT, '') : text.replace(/^\s*[│┃|]/, '')
}

/** The lowest run of numbered options of which exactly one is selected. */
const menuIn = (rows: readonly string[]): { menu: Menu; rows: Set<number> } | null => {
  const found = rows.flatMap((row, at) => {
    const match = OPTION.exec(row)
    return match ? [{ at, label: match[2] ?? '', selected: match[1] !== undefined }] : []
  })
  const run: typeof found = []
  for (const option of found.toReversed()) {
    if (run[0] && run[0].at - option.at > 3) break
    run.unshift(option)
  }
  const [first] = run
  if (!first || run.length < 2 || run.filter(({ selected }) => selected).length !== 1) return null
  const text = rows
    .slice(Math.max(0, first.at - MENU_TEXT_ROWS), first.at)
    .map((row) => row.replace(/^\s*[│┃|]\s?/, '').replace(/\s*[│┃|]\s*$/, ''))
    .filter((row) => row.trim() !== '' && !RULE.test(row))
    .join('\n')
  const options = run.map(({ label, selected }) => ({ label, selected }))
  return {
    menu: { kind: 'question', text, options, axis: 'vertical' },
    rows: new Set(run.map(({ at }) => at)),
  }
}
