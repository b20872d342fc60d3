/** A word, as both databases and every query have it: letters and digits. */
const run = /[\p{L}\p{N}\p{M}]+/gu
/** Scripts that put no space between words. */
const spaceless = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]+/gu
/** Longer runs are keys and hashes: their beginning finds them. */
const WORD_CHARS_MAX = 40
const plain = /^[\u0020-\u007e\s]*$/

const bare = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '')

/** `Café` and `CAFE` are the same word. */
export const fold = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : bare(text).toLowerCase()

/** The words of a query in their order, folded; what has no spaces in pairs, each after the other. */
export const wordsOf = (text: string): string[] =>
  Array.from(cut(fold(text))).flatMap(({ word, isLast }) => (isLast ? [] : [word]))

/** The words that find a text. */
export const wordsToFind = (text: string): string[] =>
  Array.from(cut(fold(text)), ({ word }) => word)

/** Whether it is of a script that puts no space between words: then it was cut into pairs. */
export const isSpaceless = (word: string): boolean => word.search(spaceless) === 0

export type Span = {
  from: number
  to: number
  word: string
  /** The last letter of a run without spaces, once more: a beginning by itself, and of no pair. */
  isLast: boolean
}

/** The words of a text with their place in it, unfolded places of folded words. */
export function* spansOf(text: string): Generator<Span> {
  if (plain.test(text)) return yield* cut(text.toLowerCase())
  // Each letter by itself, so that the place of each is known: ™ is two letters, an accent none.
  const places: number[] = []
  let folded = ''
  let at = 0
  for (const letter of text) {
    const one = bare(letter)
    for (let n = 0; n < one.length; n++) places.push(at)
    folded += one
    at += letter.length
  }
  places.push(at)
  for (const span of cut(folded.toLowerCase())) {
    const from = places[span.from] ?? 0
    yield { ...span, from, to: Math.max(from + 1, places[span.to] ?? at) }
  }
}

function* cut(folded: string): Generator<Span> {
  for (const match of folded.matchAll(run)) {
    let at = match.index
    const end = at + match[0].length
    for (const part of match[0].matchAll(spaceless)) {
      const from = match.index + part.index
      yield* whole(folded, at, from)
      at = from + part[0].length
      yield* pairs(part[0], from)
    }
    yield* whole(folded, at, end)
  }
}

function* whole(folded: string, from: number, to: number): Generator<Span> {
  if (from < to)
    yield { from, to, word: folded.slice(from, Math.min(to, from + WORD_CHARS_MAX)), isLast: false }
}

/** `备份了` is `备份`, `份了` and `了`. */
function* pairs(text: string, start: number): Generator<Span> {
  const letters = [...text]
  let from = start
  for (const [n, letter] of letters.entries()) {
    const word = letter + (letters[n + 1] ?? '')
    const isLast = n > 0 && n === letters.length - 1
    yield { from, to: from + word.length, word, isLast }
    from += letter.length
  }
}
