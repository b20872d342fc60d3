/** What can be found by its words. */
export const nouns = ['ticket', 'turn', 'item'] as const
export type Noun = (typeof nouns)[number]
