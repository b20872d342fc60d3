/** What a person, or a paste, did to the input line. */
export type Edit =
  | { type: 'changed'; text: string }
  | { type: 'line'; text: string }
  | { type: 'interrupt' }
  | { type: 'end' }

const PASTE_BEGINS = '\u001b[200~'
const PASTE_ENDS = '\u001b[201~'

/**
 * The keys of a raw terminal → edits of one input line. A bracketed paste goes in whole, newlines
 * too; outside of one, Enter ends the line. Sequences may be split between pieces.
 */
export const createLineEditor = () => {
  let line = ''
  let pasting = false
  let rest = ''

  const take = (keys: string): { edits: Edit[]; length: number } => {
    const changed = (text: string, length: number) => {
      line = text
      return { edits: [{ type: 'changed' as const, text }], length }
    }
    if (keys.startsWith(PASTE_BEGINS) || keys.startsWith(PASTE_ENDS)) {
      pasting = keys.startsWith(PASTE_BEGINS)
      return { edits: [], length: PASTE_BEGINS.length }
    }
    if (isPartOf(PASTE_BEGINS, keys) || isPartOf(PASTE_ENDS, keys)) return { edits: [], length: 0 }
    const key = String.fromCodePoint(keys.codePointAt(0) as number)
    if (pasting) {
      // Up to the next escape in one go: a paste is drawn once.
      const text = key === '\u001b' ? '' : keys.slice(0, nextEscape(keys))
      return changed(line + text.replaceAll('\r', '\n'), Math.max(text.length, 1))
    }
    if (key === '\r' || key === '\n') {
      const text = line
      line = ''
      return { edits: [{ type: 'line', text }], length: 1 }
    }
    if (key === '\u0003') {
      line = ''
      return { edits: [{ type: 'interrupt' }], length: 1 }
    }
    if (key === '\u0004') return { edits: line === '' ? [{ type: 'end' }] : [], length: 1 }
    if (key === '\u007f' || key === '\b') return changed([...line].slice(0, -1).join(''), 1)
    if (key === '\u0015') return changed('', 1)
    if (key === '\u0017') return changed(line.replace(/\S+\s*$/, ''), 1)
    if (key === '\u001b') return { edits: [], length: sequenceLength(keys) }
    if (key < ' ' && key !== '\t') return { edits: [], length: 1 }
    const text = keys.slice(0, printableLength(keys))
    return changed(line + text, text.length)
  }

  return {
    feed: (piece: string): Edit[] => {
      const edits: Edit[] = []
      rest += piece
      while (rest !== '') {
        const { edits: some, length } = take(rest)
        edits.push(...some)
        // The beginning of a sequence waits for its end.
        if (length === 0) break
        rest = rest.slice(length)
      }
      return edits
    },
    line: () => line,
  }
}

/** The beginning of a sequence, whose rest is still to come. */
const isPartOf = (sequence: string, keys: string) =>
  keys.length < sequence.length && sequence.startsWith(keys)

const nextEscape = (keys: string) => {
  const at = keys.indexOf('\u001b', 1)
  return at === -1 ? keys.length : at
}

const sequenceLength = (keys: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/.exec(keys)?.[0].length ?? 1

/** A run of text ends at the next key. */
const printableLength = (keys: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
  /^[^\u0000-\u0008\u000a-\u001f\u007f]+/.exec(keys)?.[0].length ?? 1
