/** How wide a sign is, in widths of a small letter: what is not Latin is about twice as wide. */
const widthOf = (sign: string): number => {
  const code = sign.codePointAt(0) ?? 0
  if (code > 0x1100) return 2
  return /[MWmw@%A-Z]/.test(sign) ? 1.3 : /[ijlt.,:;'|()! fr]/.test(sign) ? 0.62 : 1.04
}

const measure = (text: string): number => {
  let width = 0
  for (const sign of text) width += widthOf(sign)
  return width
}

/** A text in at most so many lines of this width in letters; cut with an ellipsis. */
export const toLines = (text: string, width: number, countMax: number): string[] => {
  const lines: string[] = []
  let line = ''
  const words = text.split(/\s+/).filter(Boolean)
  for (const [at, word] of words.entries()) {
    const longer = line ? `${line} ${word}` : word
    if (measure(longer) <= width) {
      line = longer
      continue
    }
    if (lines.length === countMax - 1) return [...lines, cut([line, ...words.slice(at)], width)]
    if (line) lines.push(line)
    // A word longer than a line goes on in the next.
    const head = line ? '' : fitting(word, width)
    if (head) lines.push(head)
    line = word.slice(head.length)
    if (lines.length === countMax || measure(line) > width)
      return [...lines.slice(0, countMax - 1), cut([line, ...words.slice(at + 1)], width)]
  }
  return line ? [...lines, line] : lines
}

const cut = (words: string[], width: number): string => {
  const text = words.filter(Boolean).join(' ')
  return measure(text) <= width ? text : `${fitting(text, width - 1).trimEnd()}…`
}

const fitting = (text: string, width: number): string => {
  let taken = ''
  let used = 0
  for (const sign of text) {
    used += widthOf(sign)
    if (used > width) break
    taken += sign
  }
  return taken
}
