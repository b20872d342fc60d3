import type { Database } from '@mc/db/database.ts'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Clock } from '../clock.ts'
import { createSettings, type Settings } from '../settings/settings.ts'
import { dayOf } from './count.ts'
import { type DaySum, sumOf, sumsOf } from './sums.ts'
import { moneyText, tokensText } from './words.ts'

/** What a UTC day may use; null: as much as it likes. */
export type CostLimits = { tokens: number | null; usd: number | null }
export const noLimits: CostLimits = { tokens: null, usd: null }

/** As it stands now, and who says so. */
export type Cap = { limits: CostLimits; from: 'environment' | 'person' }

const NAME = 'costs.cap'
const amount = Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0 })])
const Stored = Type.Object({ tokens: amount, usd: amount })

/** What a person stored wins, also "none"; else what the environment says. */
export const readCap = async (settings: Settings, first: CostLimits): Promise<Cap> => {
  const stored = await settings.get<unknown>(NAME)
  return stored && Value.Check(Stored, stored.value)
    ? { limits: stored.value, from: 'person' }
    : { limits: first, from: 'environment' }
}

export const setCap = (settings: Settings, limits: CostLimits, by: string): Promise<void> =>
  settings.set(NAME, limits, by)

/** Back to what the environment says. */
export const unsetCap = (settings: Settings): Promise<boolean> => settings.unset(NAME)

/** How much of the cap is used: 1 is all of it; null without a cap. What has no price counts by tokens. */
export const shareOf = (sum: DaySum, { tokens, usd }: CostLimits): number | null => {
  const shares = [
    ...(tokens === null ? [] : [(sum.tokensIn + sum.tokensOut) / tokens]),
    ...(usd === null ? [] : [sum.costUsd / usd]),
  ]
  return shares.length === 0 ? null : Math.max(...shares)
}

/**
 * Why nothing more is begun today without a person, in words; null while the cap is not reached.
 * `limits`: the environment's, which a person's setting outdoes.
 */
export const whyOverCap = async (
  db: Database,
  clock: Clock,
  limits: CostLimits,
): Promise<string | null> => {
  const { limits: inForce } = await readCap(createSettings(db, clock), limits)
  if (inForce.tokens === null && inForce.usd === null) return null
  const day = dayOf(clock.now())
  return overCap(sumOf(await sumsOf(db, { from: day, to: day })), inForce)
}

/** The same of a sum that is known. */
export const overCap = (sum: DaySum, limits: CostLimits): string | null => {
  const used = sum.tokensIn + sum.tokensOut
  if (limits.tokens !== null && used >= limits.tokens)
    return `Today's cap is reached: ${tokensText(used)} of ${tokensText(limits.tokens)}; it goes on at midnight UTC`
  if (limits.usd !== null && sum.costUsd >= limits.usd)
    return `Today's cap is reached: ${moneyText(sum.costUsd, sum.unpriced)} of ${moneyText(limits.usd)}; it goes on at midnight UTC`
  return null
}
