/**
 * What something used, by its program's own record. Null: it does not tell. `tokensIn` is all that
 * the model read, `tokensCached` of it included.
 */
export type Usage = {
  model: string | null
  tokensIn: number | null
  tokensOut: number | null
  tokensCached: number | null
  /** US dollars. */
  costUsd: number | null
}

export const noUsage: Usage = {
  model: null,
  tokensIn: null,
  tokensOut: null,
  tokensCached: null,
  costUsd: null,
}

/**
 * Two together; what neither tells stays null. The money is null when one of them used tokens and
 * told no price: a sum that leaves something out would pass for the whole. Of two models, the later.
 */
export const addUsage = (one: Usage, other: Usage): Usage => ({
  model: other.model ?? one.model,
  tokensIn: sum(one.tokensIn, other.tokensIn),
  tokensOut: sum(one.tokensOut, other.tokensOut),
  tokensCached: sum(one.tokensCached, other.tokensCached),
  costUsd: isUnpriced(one) || isUnpriced(other) ? null : sum(one.costUsd, other.costUsd),
})

/** Whether it tells of anything used at all. */
export const isKnown = ({ tokensIn, tokensOut, costUsd }: Usage): boolean =>
  tokensIn !== null || tokensOut !== null || costUsd !== null

/** It used something, and nobody told what that costs. */
export const isUnpriced = ({ tokensIn, tokensOut, costUsd }: Usage): boolean =>
  costUsd === null && (tokensIn ?? 0) + (tokensOut ?? 0) > 0

const sum = (one: number | null, other: number | null): number | null =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0)
