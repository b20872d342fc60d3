import type { Database } from '@mc/db/database.ts'
import type { UsageKind } from './count.ts'

/** What was used in a day by one kind, or all of them together. */
export type DaySum = {
  /** Turns and runs that told something. */
  times: number
  tokensIn: number
  tokensOut: number
  /** Of tokensIn. */
  tokensCached: number
  costUsd: number
  /** How many told no price, so that the true sum is higher. */
  unpriced: number
}
export type KindSum = DaySum & { day: string; kind: UsageKind }

/** The kept sums of the UTC days `from` to `to`, both included, in order; a day may be missing. */
export const sumsOf = async (
  db: Database,
  { from, to }: { from: string; to: string },
): Promise<KindSum[]> => {
  const rows = await db.kysely
    .selectFrom('usage_days')
    .selectAll()
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .orderBy('kind')
    .execute()
  return rows.map((row) => ({
    day: row.day,
    kind: row.kind as UsageKind,
    times: row.times,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    tokensCached: row.tokens_cached,
    costUsd: row.cost_usd,
    unpriced: row.unpriced,
  }))
}

export const noSum: DaySum = {
  times: 0,
  tokensIn: 0,
  tokensOut: 0,
  tokensCached: 0,
  costUsd: 0,
  unpriced: 0,
}

export const sumOf = (sums: readonly DaySum[]): DaySum =>
  sums.reduce<DaySum>(
    (all, one) => ({
      times: all.times + one.times,
      tokensIn: all.tokensIn + one.tokensIn,
      tokensOut: all.tokensOut + one.tokensOut,
      tokensCached: all.tokensCached + one.tokensCached,
      costUsd: all.costUsd + one.costUsd,
      unpriced: all.unpriced + one.unpriced,
    }),
    noSum,
  )
