/** A word, as both databases and every query have it: letters and digits. */
const word = /[\p{L}\p{N}\p{M}]+/gu
/** Longer runs are keys and hashes: their beginning finds them. */
const WORD_CHARS_MAX = 40
const plain = /^[\u0020-\u007e\s]*$/

/** `Café` and `CAFE` are the same word. */
export const fold = (text: string): string =>
  plain.test(text)
    ? text.toLowerCase()
    : text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The words of a text in their order, folded. */
export const wordsOf = (text: string): string[] =>
  Array.from(fold(text).matchAll(word), ([one]) => one.slice(0, WORD_CHARS_MAX))

export type Span = { from: number; to: number; word: string }

/** The words of a text with their place in it, unfolded places of folded words. */
export function* spansOf(text: string): Generator<Span> {
  for (const match of text.matchAll(word)) {
    const [one] = match
    yield { from: match.index, to: match.index + one.length, word: fold(one) }
  }
}
