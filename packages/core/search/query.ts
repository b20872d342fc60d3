import { parseTicketKey } from '../tickets/ticket.ts'
import { wordsOf } from './words.ts'

/** One thing that must be in what is found: a word's beginning, or words in a row. */
export type Term = { words: string[]; isWhole: boolean }

export type Query = {
  terms: Term[]
  /** The ticket that `MC-12` names; null when the text is no key. */
  ticketId: number | null
}

const TERMS_MAX = 12

/**
 * What a person typed, read kindly: words are beginnings of words and all must be there, words in
 * quotes stand in a row and are whole. Nothing is an operator and nothing is an error: what is no
 * word is passed over.
 */
export const parseQuery = (text: string): Query => {
  const terms: Term[] = []
  // An open quote goes to the end: it is being typed.
  for (const [, quoted, loose] of text.matchAll(/"([^"]*)(?:"|$)|([^"]+)/g)) {
    if (quoted !== undefined) {
      const words = wordsOf(quoted)
      if (words.length > 0) terms.push({ words, isWhole: true })
    } else for (const word of wordsOf(loose ?? '')) terms.push({ words: [word], isWhole: false })
  }
  const key = /^\s*#?(mc-)?\d+\s*$/i.test(text) ? parseTicketKey(text.replace('#', '')) : null
  return { terms: terms.slice(0, TERMS_MAX), ticketId: key }
}

/** Beginnings that the tables of words have lists of. Longest first. */
const LISTED = [6, 4, 3, 2]

/**
 * The words to look up in the tables, each a whole word or a beginning of a length that has a
 * list. It finds too much rather than too little; `matches` then looks at the text.
 */
export const lookUps = ({ terms }: Query): { word: string; isBeginning: boolean }[] =>
  terms.flatMap(({ words, isWhole }) =>
    words.map((word) => {
      const length = LISTED.find((one) => one <= word.length)
      return isWhole || length === undefined
        ? { word, isBeginning: false }
        : { word: word.slice(0, length), isBeginning: true }
    }),
  )
