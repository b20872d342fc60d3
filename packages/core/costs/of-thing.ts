import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { addUsage, isUnpriced, noUsage, type Usage } from './usage.ts'

/** What something used in all: its parts added up, and how many of them told no price. */
export type Total = Usage & { times: number; unpriced: number }

/** All worker runs of a ticket. Null: none told anything. */
export const usageOfTicket = async (db: Database, ticketId: number): Promise<Total | null> =>
  totalOf(
    await db.kysely
      .selectFrom('runs')
      .select(columns)
      .where('ticket_id', '=', ticketId)
      .where(told)
      .orderBy('seq')
      .execute(),
  )

/** All turns of a digest: it is told to Luci again where she left something out. */
export const usageOfDigest = async (db: Database, digestId: string): Promise<Total | null> =>
  totalOf(
    await db.kysely
      .selectFrom('turns')
      .select(columns)
      .where('digest_id', '=', digestId)
      .where(told)
      .orderBy('seq')
      .execute(),
  )

const columns = ['model', 'tokens_in', 'tokens_out', 'tokens_cached', 'cost_usd'] as const

const told = sql<boolean>`coalesce(tokens_in, tokens_out) is not null`

const totalOf = (
  rows: readonly {
    model: string | null
    tokens_in: number | null
    tokens_out: number | null
    tokens_cached: number | null
    cost_usd: number | null
  }[],
): Total | null => {
  if (rows.length === 0) return null
  const usages = rows.map((row) => ({
    model: row.model,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    tokensCached: row.tokens_cached,
    costUsd: row.cost_usd,
  }))
  const known = usages.filter(({ costUsd }) => costUsd !== null)
  return {
    ...usages.reduce(addUsage, noUsage),
    // What is known of it; `unpriced` says that it is not all.
    costUsd: known.length === 0 ? null : known.reduce((sum, one) => sum + (one.costUsd ?? 0), 0),
    times: rows.length,
    unpriced: usages.filter(isUnpriced).length,
  }
}
