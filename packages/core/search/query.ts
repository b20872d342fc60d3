import { parseTicketKey } from '../tickets/ticket.ts'
import { isSpaceless, wordsOf } from './words.ts'

/** One thing that must be in what is found: a word's beginning, or words in a row. */
export type Term = { words: string[]; isWhole: boolean }

export type Query = {
  terms: Term[]
  /** The ticket that `MC-12` names; null when the text is no key. */
  ticketId: number | null
}

const TERMS_MAX = 12

/**
 * What a person typed, read kindly: words are beginnings of words (a single letter is a
 * whole one) and all must be there, words in quotes stand in a row and are whole. Nothing is an operator and nothing is an error: what is no
 * word is passed over.
 */
export const parseQuery = (text: string): Query => {
  const terms: Term[] = []
  // An open quote goes to the end: it is being typed.
  for (const [, quoted, loose] of text.matchAll(/"([^"]*)(?:"|$)|([^"]+)/g)) {
    if (quoted !== undefined) {
      const words = wordsOf(quoted)
      if (words.length > 0) terms.push({ words, isWhole: true })
    } else terms.push(...(loose ?? '').split(/\s+/).flatMap(looseTerms))
  }
  const key = /^\s*#?(mc-)?\d+\s*$/i.test(text) ? parseTicketKey(text.replace('#', '')) : null
  return { terms: terms.slice(0, TERMS_MAX), ticketId: key }
}

/** Words of which each is a beginning; pairs of a script without spaces stand in a row. */
const looseTerms = (text: string): Term[] => {
  const terms: Term[] = []
  let row: string[] = []
  const endRow = () => {
    if (row.length > 0) terms.push({ words: row, isWhole: true })
    row = []
  }
  for (const word of wordsOf(text))
    if (isSpaceless(word) && [...word].length > 1) row.push(word)
    else {
      endRow()
      terms.push({ words: [word], isWhole: false })
    }
  endRow()
  return terms
}

const LISTED_MAX = 6
/** Beginnings that the tables of words have lists of. Longest first. */
const LISTED = [LISTED_MAX, 4, 3, 2]

/**
 * The words to look up in the tables, each a whole word or a beginning of a length that has a list.
 * It finds too much rather than too little; `match` then looks at the text. `isNarrow`: a longer
 * beginning is looked up as it is, which merges the lists of all words that begin so (330 ms of
 * 300,000 of them). One letter is a word of its own: too many begin with it. Where each letter is a
 * word already, it finds what begins with it.
 */
export const lookUps = (
  { terms }: Query,
  isNarrow = false,
): { word: string; isBeginning: boolean }[] =>
  terms.flatMap(({ words, isWhole }) =>
    words.map((word) => {
      if (isWhole) return { word, isBeginning: false }
      if ((isNarrow && word.length > LISTED_MAX) || isSpaceless(word))
        return { word, isBeginning: true }
      const length = LISTED.find((one) => one <= word.length)
      return length === undefined
        ? { word, isBeginning: false }
        : { word: word.slice(0, length), isBeginning: true }
    }),
  )
