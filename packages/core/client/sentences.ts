/** What is wrong and what to do, as sentences; a part that is missing is left out. */
export const sentences = (...parts: (string | null | undefined)[]): string =>
  parts
    .map((part) => part ?? '')
    .filter((part) => part !== '')
    .map((part) => (/[.!?…:]$/.test(part) ? part : `${part}.`))
    .join(' ')
