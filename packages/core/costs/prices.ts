import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Usage } from './usage.ts'

const rate = Type.Number({ minimum: 0, maximum: 1_000_000 })

/** US dollars for a million tokens. `cached`: what came from the program's cache; as `input` without. */
export const Rates = Type.Object(
  { input: rate, output: rate, cached: Type.Optional(rate) },
  { additionalProperties: false },
)
export type Rates = Static<typeof Rates>

/** Rates by the model's name, `*` for any letters; of several that fit, the first counts. */
export type PriceList = Record<string, Rates>

/** A list as a person wrote it, and every mistake in it; entries with mistakes are left out. */
export const readPrices = (value: unknown): { prices: PriceList; problems: string[] } => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { prices: {}, problems: ['expected models with their rates'] }
  const prices: PriceList = {}
  const problems: string[] = []
  for (const [model, rates] of Object.entries(value)) {
    if (Value.Check(Rates, rates)) prices[model] = rates
    else
      problems.push(
        `${model}: expected { input, output, cached } in US dollars for a million tokens (cached may be left out)`,
      )
  }
  return { prices, problems }
}

/** With its price by the list, when its program told none and the list knows the model. */
export const priced = (usage: Usage, prices: PriceList): Usage => {
  if (usage.costUsd !== null || usage.model === null) return usage
  if (usage.tokensIn === null && usage.tokensOut === null) return usage
  const rates = ratesOf(usage.model, prices)
  if (!rates) return usage
  const { input, output, cached = input } = rates
  const fromCache = usage.tokensCached ?? 0
  const read = Math.max(0, (usage.tokensIn ?? 0) - fromCache)
  const sum = read * input + fromCache * cached + (usage.tokensOut ?? 0) * output
  return { ...usage, costUsd: sum / 1_000_000 }
}

const ratesOf = (model: string, prices: PriceList): Rates | null =>
  Object.entries(prices).find(([pattern]) => fits(pattern, model))?.[1] ?? null

const fits = (pattern: string, model: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(model)
}
