import type { Prompt } from '../../turns/turn.ts'

/** What a person who looks at the pane would see. */
export type Sight = {
  /** From top to bottom, with their colours (SGR), as long as they are and not joined. */
  rows: readonly string[]
  /** Column and row, from 0. */
  cursor: { x: number; y: number }
  /** The program hides the cursor: it stands wherever something was drawn last. */
  cursorHidden?: boolean
  title: string
  /** It draws on the alternate screen. */
  alternate: boolean
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
export type Cell = {
  char: string
  dim: boolean
  inverse: boolean
  colour: string | null
  background: string | null
}

/**
 * A row's characters with the styles that tell text from a hint. `colour` and `background` are SGR
 * parameters (`38;5;246`), null for the terminal's own.
 */
export const cellsOf = (row: string): Cell[] => styled(row, plain())

const styled = (row: string, style: Style): Cell[] => {
  const cells: Cell[] = []
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

/** The rows of a capture: tmux writes a style once, and it holds in the rows below until another. */
export const gridOf = (rows: readonly string[]): Cell[][] => {
  const style = plain()
  return rows.map((row) => styled(row, style))
}

/** The row as plain text, without the spaces at its end. */
export const textOf = (row: string): string =>
  cellsOf(row)
    .map(({ char }) => char)
    .join('')
    .trimEnd()

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const otherEscapes = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()].|\[[0-?]*[ -/]*[@-~])/g

type Style = Omit<Cell, 'char'>

const plain = (): Style => ({ dim: false, inverse: false, colour: null, background: null })

const apply = (style: Style, codes: string[]): void => {
  for (let at = 0; at < codes.length; at += 1) {
    const code = Number(codes[at] || '0')
    if (code === 0) Object.assign(style, plain())
    else if (code === 2) style.dim = true
    else if (code === 22) style.dim = false
    else if (code === 7) style.inverse = true
    else if (code === 27) style.inverse = false
    else if (code === 39) style.colour = null
    else if (code === 49) style.background = null
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) style.colour = String(code)
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107))
      style.background = String(code)
    else if (code === 38 || code === 48) {
      const length = codes[at + 1] === '5' ? 3 : 5
      style[code === 38 ? 'colour' : 'background'] = codes.slice(at, at + length).join(';')
      at += length - 1
    }
  }
}
