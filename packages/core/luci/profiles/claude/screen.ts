import { type Cell, cellsOf, type Menu, type Screen, type Sight } from '../screen.ts'

/*
 * Claude Code draws its input as two rules across the pane with `❯` and a no-break space between
 * them, and the selected choice of a dialog as `❯` and a space. In both the terminal's cursor tells
 * which of all such glyphs on the screen is the real one: it stands in the input, or on the `❯` of
 * the selected choice. What a reply, a copied dialog or a person's own text looks like is nothing.
 */
const GLYPH = '❯'
/** What is typed behind it is run in a shell. */
const SHELL_GLYPH = '!'
const NO_BREAK_SPACE = '\u00a0'
/** A rule may carry a name at its end; a menu that a person opened has one of another height. */
const RULE = /^[─▔]{10,}/
const RULE_SHARE = 0.6

type Row = { cells: Cell[]; text: string }

/** Pure. What Claude Code's picture means; `unknown` unless the cursor says otherwise. */
export const claudeScreen = ({ rows, cursor }: Sight): Screen => {
  const drawn = rows.map((row): Row => {
    const cells = cellsOf(row)
    return { cells, text: cells.map(({ char }) => char).join('') }
  })
  const input = inputAt(drawn, cursor)
  if (input) return input
  const menu = menuAt(drawn, isParked(drawn, cursor) ? selectedIn(drawn) : cursor.y)
  return menu ? { type: 'menu', menu } : { type: 'unknown', text: textIn(drawn) }
}

const inputAt = (rows: readonly Row[], { y }: Sight['cursor']): Screen | null => {
  const top = rows.slice(0, y).findLastIndex(isRule)
  const length = rows.slice(y).findIndex(isRule)
  if (top === -1 || length === -1) return null
  const box = rows.slice(top + 1, y + length)
  const [glyph, space] = box[0]?.cells ?? []
  if (!glyph || space?.char !== NO_BREAK_SPACE) return null
  if (glyph.char !== GLYPH && glyph.char !== SHELL_GLYPH) return null
  const lines = box.map(({ cells }) => typedIn(cells.slice(2)))
  return {
    type: 'input',
    input: `${glyph.char === SHELL_GLYPH ? SHELL_GLYPH : ''}${lines.join('\n')}`.trim(),
    // Its glyph is grey while it works, whatever stands in the input.
    busy: (glyph.char === GLYPH && glyph.colour !== null) || rows.slice(y + length).some(saysBusy),
  }
}

/** A suggestion is dim, but for its first letter, on which the cursor stands. */
const typedIn = (cells: readonly Cell[]): string => {
  const hints = cells.some(({ char, dim }) => dim && char !== ' ')
  return cells
    .filter(({ dim, inverse }) => !dim && !(inverse && hints))
    .map(({ char }) => char)
    .join('')
    .trimEnd()
}

const saysBusy = ({ text }: Row): boolean => /\besc to interrupt\b/.test(text)

const isRule = ({ text }: Row): boolean => {
  const drawn = text.trimEnd()
  return RULE.test(drawn) && drawn.replace(/[^─▔]/g, '').length >= drawn.length * RULE_SHARE
}

/** The last choices of a question are selected without the cursor, which waits below the dialog. */
const isParked = (rows: readonly Row[], { x, y }: Sight['cursor']): boolean => {
  const last = rows.findLastIndex(({ text }) => text.trim() !== '')
  return x === 0 && y >= last && /^ *Enter to select · /.test(rows[last]?.text ?? '')
}

/** A question begins with its tabs, one for each; below them is its own selection. */
const selectedIn = (rows: readonly Row[]): number => {
  const tabs = rows.findLastIndex(
    ({ text }, at) => at > 0 && isRule(rows[at - 1] as Row) && /^ ?(?:← {2})?[☐☒✔]/.test(text),
  )
  const selected = rows.findLastIndex(({ text }) => text.startsWith(`${GLYPH} `))
  return tabs !== -1 && selected > tabs ? selected : -1
}

type Choice = { y: number; label: string; selected: boolean }

const menuAt = (rows: readonly Row[], y: number): Menu | null => {
  const column = rows[y]?.cells.findIndex(({ char }) => char !== ' ') ?? -1
  const [glyph, space] = rows[y]?.cells.slice(column) ?? []
  if (column === -1 || glyph?.char !== GLYPH || space?.char !== ' ') return null
  const numbered = numberAt(rows[y], column) !== null || isSubmit(rows[y], column)
  const choices = numbered ? numberedAround(rows, column, y) : plainAround(rows, column, y)
  const [first] = choices
  if (!first || choices.length < 2 || !choices.some(({ selected }) => selected)) return null
  const from = rows.slice(0, first.y).findLastIndex(isRule) + 1
  const text = textIn(rows.slice(from, first.y))
  const options = choices.map(({ label, selected }) => ({ label, selected }))
  return { kind: kindOf(text), text, options, axis: 'vertical' }
}

/** Between the choices of a question may stand what explains them, and a rule. */
const numberedAround = (rows: readonly Row[], column: number, y: number): Choice[] => {
  const from = rows.slice(0, y + 1).findLastIndex((row) => numberAt(row, column) === 1)
  const choices: Choice[] = []
  let next = 1
  for (const [at, row] of from === -1 ? [] : [...rows.entries()].slice(from)) {
    const submits = isSubmit(row, column)
    if (!submits && numberAt(row, column) !== next) continue
    if (!submits) next += 1
    const label = submits ? row.text.slice(column + 1) : row.text.replace(/^.*?\d+\. /, '')
    choices.push({ y: at, label: labelOf(label), selected: row.cells[column]?.char === GLYPH })
  }
  return choices
}

/** Where several may be ticked, it stands between the choices without a number. */
const isSubmit = (row: Row | undefined, column: number): boolean =>
  /^[❯ ] {4}(?:Submit|Next) *$/.test(row?.text.slice(column) ?? '') &&
  row?.text.slice(0, column).trim() === ''

/** The number of a choice; arrows stand before the first and last of those that fit. */
const numberAt = (row: Row | undefined, column: number): number | null => {
  const text = row?.text ?? ''
  const match = /^[❯↑↓ ] {1,3}(\d+)\. /.exec(text.slice(column))
  return match && text.slice(0, column).trim() === '' ? Number(match[1]) : null
}

/** Choices without numbers stand one below the other, each behind room for a tick if any has one. */
const plainAround = (rows: readonly Row[], column: number, y: number): Choice[] => {
  const choiceAt = (at: number): Choice | null => {
    const text = rows[at]?.text ?? ''
    const match = /^([❯ ]) (?:✔ | {2})?(\S.*)$/.exec(text.slice(column))
    if (!match || text.slice(0, column).trim() !== '') return null
    return { y: at, label: labelOf(match[2] ?? ''), selected: match[1] === GLYPH }
  }
  let first = y
  while (choiceAt(first - 1)) first -= 1
  const choices: Choice[] = []
  for (let at = first; ; at += 1) {
    const choice = choiceAt(at)
    if (!choice) return choices
    choices.push(choice)
  }
}

/** Its own words are typed into that choice; chosen as it stands, it declines the question. */
const labelOf = (text: string): string => {
  const label = text.trim().replace(/ {2,}/g, ' ')
  return label === 'Type something.'
    ? 'Something else (type it in her pane; from here: none)'
    : label
}

const kindOf = (text: string): Menu['kind'] => {
  if (/\bAPI key\b|\blog ?in\b/i.test(text)) return 'login'
  if (/\bDo you want to\b|\btrust\b|\bWould you like to\b/i.test(text)) return 'permission'
  return 'question'
}

const textIn = (rows: readonly Row[]): string =>
  rows
    .map(({ text }) => text.replaceAll(NO_BREAK_SPACE, ' ').trimEnd())
    .filter((text) => !/^\s*[─╌▔]{10,}/.test(text))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
