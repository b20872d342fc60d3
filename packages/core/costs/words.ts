import type { CostLimits } from './cap.ts'
import type { Total } from './of-thing.ts'
import { isKnown, type Usage } from './usage.ts'

/** `950`, `12.3k`, `2.1M`: enough to compare, and never more than was used. */
export const countText = (count: number): string => {
  if (count < 1_000) return String(count)
  const [size, unit] = count < 1_000_000 ? [1_000, 'k'] : [1_000_000, 'M']
  return `${Math.floor((count / size) * 10) / 10}${unit}`
}

export const tokensText = (count: number): string =>
  `${countText(count)} ${count === 1 ? 'token' : 'tokens'}`

/** `$1.20`, `≥ $1.20` when some told no price, and `unpriced` when none did. */
export const moneyText = (usd: number, unpriced = 0): string => {
  if (unpriced > 0 && usd <= 0) return 'unpriced'
  return unpriced > 0 ? `≥ ${dollars(usd)}` : dollars(usd)
}

/** Cents, and four digits of what is less than one. */
const dollars = (usd: number): string =>
  `$${usd.toFixed(usd !== 0 && Math.abs(usd) < 0.01 ? 4 : 2)}`

/** `2M tokens and $5.00`, or `none`. */
export const capText = ({ tokens, usd }: CostLimits): string =>
  [tokens === null ? null : tokensText(tokens), usd === null ? null : moneyText(usd)]
    .filter((part) => part !== null)
    .join(' and ') || 'none'

/** `12.3k tokens read, 450 written, $0.12, claude-opus-5`; null when nothing was told. */
export const usageText = (usage: Usage): string | null => {
  if (!isKnown(usage)) return null
  return [
    usage.tokensIn === null ? null : `${tokensText(usage.tokensIn)} read`,
    usage.tokensOut === null ? null : `${countText(usage.tokensOut)} written`,
    usage.costUsd === null ? 'unpriced' : moneyText(usage.costUsd),
    usage.model,
  ]
    .filter((part) => part !== null)
    .join(', ')
}

/** Of several together: `3 runs: 12.3k tokens read, 450 written, ≥ $0.12`. */
export const totalText = (total: Total, one: string): string => {
  const { times, tokensIn, tokensOut, costUsd, unpriced } = total
  return `${times} ${one}${times === 1 ? '' : 's'}: ${tokensText(tokensIn ?? 0)} read, ${countText(tokensOut ?? 0)} written, ${moneyText(costUsd ?? 0, unpriced)}`
}
