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
