/** So much of a long text is shown in the thread; the turn's own page has all of it. */
export const FOLDED_CHARS = 4_000
/** What is shown of each text once a page's share is used up. */
const FOLDED_CHARS_MIN = 300
/** All long texts of one page of the thread together show about so many characters. */
const PAGE_CHARS = 12_000

/** What is shown of a text, and how many characters are left out (0: none). */
export type Fold = { shown: string; hidden: number }

/** The beginning of a text; or its end, of one that still grows there. */
export const fold = (text: string, chars: number, keep: 'head' | 'tail' = 'head'): Fold => {
  // Nothing is folded for the sake of a few words.
  if (text.length <= chars * 1.1) return { shown: text, hidden: 0 }
  const shown = keep === 'head' ? text.slice(0, chars) : text.slice(-chars)
  return { shown: shown.toWellFormed(), hidden: text.length - chars }
}

/** How much of each text of a page is shown, dealt out from the first to the last. */
export const dealOut = () => {
  let left = PAGE_CHARS
  return (length: number): number => {
    const chars = Math.max(FOLDED_CHARS_MIN, Math.min(FOLDED_CHARS, left))
    left -= Math.min(length, chars)
    return chars
  }
}
