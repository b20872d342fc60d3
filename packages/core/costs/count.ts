import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { isKnown, isUnpriced, noUsage, type Usage } from './usage.ts'

/** What tokens and money go to: a person's words to Luci, a digest, or a headless worker. */
export const usageKinds = ['chat', 'digest', 'worker'] as const
export type UsageKind = (typeof usageKinds)[number]

/** The UTC day of a time, `2026-11-22`: providers bill by it, and every other sum of ours is by it. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

/**
 * Adds what a turn or run used to the sum of its day, in the caller's transaction. `before`: what
 * was counted of it already, so that a correction counts by the difference and the same figure
 * twice counts once; `day`: when that was. What tells nothing is not counted.
 */
export const countUsage = async (
  tx: Database,
  clock: Clock,
  kind: UsageKind,
  usage: Usage,
  { before = noUsage, day = dayOf(clock.now()) }: { before?: Usage; day?: string } = {},
): Promise<void> => {
  const more = {
    times: Number(isKnown(usage)) - Number(isKnown(before)),
    tokens_in: (usage.tokensIn ?? 0) - (before.tokensIn ?? 0),
    tokens_out: (usage.tokensOut ?? 0) - (before.tokensOut ?? 0),
    tokens_cached: (usage.tokensCached ?? 0) - (before.tokensCached ?? 0),
    cost_usd: (usage.costUsd ?? 0) - (before.costUsd ?? 0),
    unpriced: Number(isUnpriced(usage)) - Number(isUnpriced(before)),
  }
  if (Object.values(more).every((count) => count === 0)) return
  await tx.kysely
    .insertInto('usage_days')
    .values({ day, kind, ...more })
    .onConflict((conflict) =>
      conflict.columns(['day', 'kind']).doUpdateSet({
        times: sql`usage_days.times + excluded.times`,
        tokens_in: sql`usage_days.tokens_in + excluded.tokens_in`,
        tokens_out: sql`usage_days.tokens_out + excluded.tokens_out`,
        tokens_cached: sql`usage_days.tokens_cached + excluded.tokens_cached`,
        cost_usd: sql`usage_days.cost_usd + excluded.cost_usd`,
        unpriced: sql`usage_days.unpriced + excluded.unpriced`,
      }),
    )
    .execute()
}
