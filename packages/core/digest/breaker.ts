import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'

/** Digests in a row without a word of hers, after which she is not asked for a while. */
export const SILENT_MAX = 3

const REST_FIRST_MS = 15 * 60_000
const REST_MAX_MS = 4 * 3_600_000

/** Enough to know the longest rest. */
const LOOKED_AT = 12

/**
 * Whether Luci is asked. closed: as usual. open: she let digests go by, so the rules and the
 * fallback table decide at once instead of waiting for her. half_open: one digest goes to her as a
 * trial, and what comes meanwhile is decided without her.
 */
export type Breaker =
  | { state: 'closed'; silent: number }
  | { state: 'open'; silent: number; since: string; retryAt: string }
  | { state: 'half_open'; silent: number; since: string }

export type DigestOutcome = 'answered' | 'silent'
export type Past = { outcome: DigestOutcome; settledAt: string }

/**
 * The state from how digests ended, the last one first, and when she last gave a sign of life
 * beside them (null: never). The rest doubles with every trial that fails, from a quarter of an
 * hour to four hours; a sign of life ends it at once. Only a verdict closes it. Pure.
 */
export const breakerOf = (past: readonly Past[], aliveAt: string | null, now: Date): Breaker => {
  const spoken = past.findIndex(({ outcome }) => outcome === 'answered')
  const silent = spoken === -1 ? past.length : spoken
  const [last] = past
  const opening = past[silent - SILENT_MAX]
  if (!last || !opening) return { state: 'closed', silent }
  const since = opening.settledAt
  const rest = Math.min(REST_MAX_MS, REST_FIRST_MS * 2 ** (silent - SILENT_MAX))
  const retryAt = new Date(Date.parse(last.settledAt) + rest)
  const isOver = now >= retryAt || now < new Date(last.settledAt)
  return isOver || (aliveAt !== null && aliveAt > last.settledAt)
    ? { state: 'half_open', silent, since }
    : { state: 'open', silent, since, retryAt: retryAt.toISOString() }
}

/** As the rows say it: nothing is remembered beside them, so a restart changes nothing. */
export const readBreaker = async (db: Database, clock: Clock): Promise<Breaker> => {
  const rows = await db.kysely
    .selectFrom('digests')
    .select(['outcome', 'settled_at'])
    .where('outcome', 'is not', null)
    .where('settled_at', 'is not', null)
    .orderBy('settled_at', 'desc')
    .limit(LOOKED_AT)
    .execute()
  // What she has begun to answer is the latest of all, though it has not ended.
  if (await isAnswering(db)) return { state: 'closed', silent: 0 }
  const past = rows.map(({ outcome, settled_at }) => ({
    outcome: outcome as DigestOutcome,
    settledAt: settled_at ?? '',
  }))
  const calm = breakerOf(past, null, clock.now())
  if (calm.state === 'closed') return calm
  return breakerOf(past, await signOfLife(db), clock.now())
}

const isAnswering = async (db: Database): Promise<boolean> =>
  (await db.kysely
    .selectFrom('digests')
    .select('id')
    .where('state', '=', 'sealed')
    .where('outcome', '=', 'answered')
    .limit(1)
    .executeTakeFirst()) !== undefined

/** The last message she answered, or a person's start or switch of her. */
const signOfLife = async (db: Database): Promise<string | null> => {
  const turn = await db.kysely
    .selectFrom('turns')
    .select('ended_at')
    .where('state', '=', 'answered')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const set = await db.kysely
    .selectFrom('settings')
    .select((eb) => eb.fn.max('set_at').as('at'))
    .where('name', 'in', ['luci.profile', 'luci.wanted'])
    .executeTakeFirst()
  return [turn?.ended_at ?? '', set?.at ?? ''].sort().at(-1) || null
}
