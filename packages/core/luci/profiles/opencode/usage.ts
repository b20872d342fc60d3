import type { Usage } from '../../../costs/usage.ts'
import type { Used } from './lines.ts'

/** A cost of 0 is no price: it has none for a model of the person's own, or one of a subscription. */
export const usageOf = ({ model, input, output, cacheRead, cacheWrite, cost }: Used): Usage => ({
  model,
  tokensIn: input + cacheRead + cacheWrite,
  tokensOut: output,
  tokensCached: cacheRead,
  costUsd: cost > 0 ? cost : null,
})
