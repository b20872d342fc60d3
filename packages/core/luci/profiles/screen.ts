import type { Prompt } from '../../turns/turn.ts'

/** What a person who looks at the pane would see. */
export type Sight = {
  /** From top to bottom, with their colours (SGR), as long as they are and not joined. */
  rows: readonly string[]
  /** Column and row, from 0. */
  cursor: { x: number; y: number }
  title: string
}

/** What a full-screen program's picture means. What is not surely one of the first two is `unknown`. */
export type Screen =
  /** It takes text. `input` is what stands there; a hint or a suggestion in grey is nothing. */
  | { type: 'input'; input: string; busy: boolean }
  | { type: 'menu'; menu: Menu }
  | { type: 'unknown'; text: string }

/** A question with its choices. `text` holds still while it is asked: no clock, no spinner. */
export type Menu = {
  kind: Prompt['kind']
  text: string
  options: readonly { label: string; selected: boolean }[]
  /** Which arrows move the selection. */
  axis: 'vertical' | 'horizontal'
}

/** A character as it is drawn. */
export type Cell = { char: string; dim: boolean; inverse: boolean; colour: string | null }

/**
 * A row's characters with the styles that tell text from a hint. `colour` is the foreground's SGR
 * parameters (`38;5;246`), null for the terminal's own.
 */
export const cellsOf = (row: string): Cell[] => {
  const cells: Cell[] = []
  const style = { dim: false, inverse: false, colour: null as string | null }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const pieces = row.split(/\u001b\[([0-9;:]*)m/)
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1) apply(style, piece.split(/[;:]/))
    else
      for (const char of piece.replace(otherEscapes, ''))
        if (char >= ' ') cells.push({ char, ...style })
  }
  return cells
}

/** The row as plain text, without the spaces at its end. */
export const textOf = (row: string): string =>
  cellsOf(row)
    .map(({ char }) => char)
    .join('')
    .trimEnd()

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const otherEscapes = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()].|\[[0-?]*[ -/]*[@-~])/g

const apply = (
  style: { dim: boolean; inverse: boolean; colour: string | null },
  codes: string[],
): void => {
  for (let at = 0; at < codes.length; at += 1) {
    const code = Number(codes[at] || '0')
    if (code === 0) Object.assign(style, { dim: false, inverse: false, colour: null })
    else if (code === 2) style.dim = true
    else if (code === 22) style.dim = false
    else if (code === 7) style.inverse = true
    else if (code === 27) style.inverse = false
    else if (code === 39) style.colour = null
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) style.colour = String(code)
    else if (code === 38 || code === 48) {
      const length = codes[at + 1] === '5' ? 3 : 5
      if (code === 38) style.colour = codes.slice(at, at + length).join(';')
      at += length - 1
    }
  }
}
