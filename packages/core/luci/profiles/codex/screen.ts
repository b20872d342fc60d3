import { type Cell, cellsOf, type Menu, type Screen, type Sight, textOf } from '../screen.ts'
import { menuIn } from './menu.ts'

/*
 * Codex draws from the bottom up: two rows of its status, an empty one, then the input or a question
 * in its place; all above is the conversation. The session's own settings make its title say
 * "codex" when it waits, a spinner before that while it works, "Action Required" while it asks: no
 * word of a conversation gets there.
 */

const WAITS = /^codex$/
const WORKS = /^[\u2800-\u28ff] codex$/
const ASKS = /^\[ . \] Action Required\b/
/** Under the input stand at most so many rows of its status. */
const STATUS_ROWS_MAX = 3

export const codexScreen = (sight: Sight): Screen => {
  const title = sight.title.trim()
  if (WAITS.test(title) || WORKS.test(title)) {
    const input = inputIn(sight)
    if (input) return { type: 'input', input: input.text, busy: WORKS.test(title) || input.closed }
  }
  // Before its first conversation the title is not yet its own.
  const menu = WORKS.test(title) ? null : menuIn(sight)
  if (menu) return { type: 'menu', menu: ASKS.test(title) ? menu : atStart(menu) }
  return { type: 'unknown', text: withoutKey(sight.rows.map(textOf)).join('\n').trim() }
}

/** The field for an API key shows what a person types there, who alone may read it. */
const withoutKey = (rows: readonly string[]): string[] => {
  const at = rows.findIndex((row) => /^\s*╭\s*API key\b/i.test(row))
  if (at === -1) return [...rows]
  return rows.map((row, index) => (index > at && /^\s*│/.test(row) ? '│ …' : row))
}

/** Only a question of a running turn has the title that says so. */
const atStart = (menu: Menu): Menu => ({
  ...menu,
  kind: menu.kind === 'login' ? 'login' : 'question',
})

/** `closed`: a list stands over it, and Enter would take one of that. Null when there is no input. */
const inputIn = ({
  rows,
  cursor,
  cursorHidden,
}: Sight): { text: string; closed: boolean } | null => {
  if (cursorHidden) return null
  const cells = rows.map(cellsOf)
  let first = cursor.y
  while (first > 0 && isIndented(cells[first])) first -= 1
  if (!isPrompt(cells[first]) || cursor.x < 2) return null
  const last = lastOfInput(cells)
  if (last === null || last < cursor.y) return null
  const text = cells.slice(first, last + 1).map((row) =>
    row
      .slice(2)
      .filter(({ dim }) => !dim)
      .map(({ char }) => char)
      .join('')
      .trimEnd(),
  )
  return { text: text.join('\n'), closed: hasList(rows, first) }
}

/** In the conversation, what the person said has the same sign, but dim. */
const isPrompt = (row: readonly Cell[] = []): boolean =>
  row[0]?.char === '›' && !row[0].dim && !row[0].inverse && (row[1]?.char ?? ' ') === ' '

const isIndented = (row: readonly Cell[] = []): boolean =>
  row.slice(0, 2).every(({ char }) => char === ' ')

/** The status is the last block of the screen; an empty row parts it from the input. */
const lastOfInput = (cells: readonly (readonly Cell[])[]): number | null => {
  const isEmpty = (at: number) => (cells[at] ?? []).every(({ char }) => char === ' ')
  let at = cells.length - 1
  // Its lowest row is empty while there is nothing to hint at.
  while (at >= 0 && isEmpty(at) && cells.length - at <= 2) at -= 1
  const bottom = at
  while (at >= 0 && !isEmpty(at)) at -= 1
  if (at < 0 || bottom - at > STATUS_ROWS_MAX || bottom - at === 0) return null
  return at - 1
}

/** A list of commands, files or skills stands just over the input, and says how to close it. */
const hasList = (rows: readonly string[], first: number): boolean =>
  rows.slice(Math.max(0, first - 3), first).some((row) => /\besc close\b/.test(textOf(row)))
