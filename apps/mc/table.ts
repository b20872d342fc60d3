import { plainText } from '@mc/core/redaction/plain.ts'

export type Cell = string | number | boolean | null | undefined

/**
 * Rows under their headings, columns as wide as their widest cell; the last one is cut to fit
 * `width` columns (null: never). What a cell says is data: it stays one line of visible text.
 */
export const table = (headings: string[], rows: Cell[][], width: number | null): string => {
  const cells = [
    headings.map((heading) => heading.toUpperCase()),
    ...rows.map((row) => row.map(cellText)),
  ]
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((row) => columnsOf(row[column] ?? ''))),
  )
  const last = headings.length - 1
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + 2, 0)
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(width - before, 16)
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === last
            ? cut(cell, room)
            : cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const cellText = (cell: Cell): string =>
  cell === null || cell === undefined ? '–' : plainText(String(cell)).replace(/\s+/g, ' ').trim()

/** Two columns on a terminal: East Asian wide characters and emoji. */
const wide =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

const columnsOf = (text: string): number => {
  let count = 0
  for (const character of text) count += wide.test(character) ? 2 : 1
  return count
}

const cut = (text: string, room: number): string => {
  if (columnsOf(text) <= room) return text
  let used = 0
  let kept = ''
  for (const character of text) {
    used += columnsOf(character)
    if (used > room - 1) break
    kept += character
  }
  return `${kept}…`
}
