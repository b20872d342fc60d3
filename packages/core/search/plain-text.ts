/** Several texts as one to be read in a line, no longer than `charsMax`. */
export const plainText = (texts: readonly (string | null)[], charsMax: number): string =>
  texts
    .filter((text): text is string => text !== null && text.trim() !== '')
    .join(' · ')
    .slice(0, charsMax)
