import { isAbsolute, resolve } from 'node:path'
import type { CostLimits } from './cap.ts'
import { type PriceList, readPrices } from './prices.ts'

export type CostSettings = {
  /** First values; what a person sets is stored and wins. */
  limits: CostLimits
  /** A list, or the file that has one; `asked`: a person named it. */
  prices: { list: PriceList } | { file: string; asked: boolean }
}

/** What reading the environment offers, as far as it is used here. */
type Read = {
  text(name: string): string | null
  refuse(name: string, expected: string): void
}

/** The cap of a day, and what models cost. */
export const readCosts = (read: Read, root: string): CostSettings => ({
  limits: {
    tokens: amount(read, 'MC_DAILY_TOKENS', parseTokens, 'tokens such as 2000000, 500k or 2M'),
    usd: amount(read, 'MC_DAILY_USD', parseUsd, 'US dollars such as 5 or 2.50'),
  },
  prices: pricesOf(read, root),
})

/** `2000000`, `500k`, `2.5M`; null when it is none. */
export const parseTokens = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*([kM])?$/i.exec(text.trim().replaceAll(/[,_](?=\d)/g, ''))
  if (!match) return null
  const unit = { k: 1_000, m: 1_000_000 }[match[2]?.toLowerCase() ?? ''] ?? 1
  const tokens = Math.round(Number(match[1]) * unit)
  return tokens > 0 && Number.isSafeInteger(tokens) ? tokens : null
}

/** `5`, `2.50`, `$5`; null when it is none. */
export const parseUsd = (text: string): number | null => {
  const match = /^\$?\s*(\d{1,9}(?:\.\d{1,6})?)$/.exec(text.trim())
  const usd = Number(match?.[1] ?? 0)
  return usd > 0 ? usd : null
}

const amount = (
  read: Read,
  name: string,
  parse: (text: string) => number | null,
  expected: string,
): number | null => {
  const text = read.text(name)
  if (text === null || text === 'none') return null
  const value = parse(text)
  if (value === null) read.refuse(name, `${expected}, or none`)
  return value
}

const pricesOf = (read: Read, root: string): CostSettings['prices'] => {
  const text = read.text('MC_PRICES')
  if (!text?.startsWith('{')) {
    const file = text ?? 'ops/prices.yaml'
    return { file: isAbsolute(file) ? file : resolve(root, file), asked: text !== null }
  }
  const { prices, problems } = readPrices(json(text))
  if (problems.length > 0)
    read.refuse('MC_PRICES', `a price list as JSON (${problems.join('; ')}), or a YAML file`)
  return { list: prices }
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON: it is told as what it is not.
    return null
  }
}
