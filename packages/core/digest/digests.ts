import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, inboxTime, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Item, toItem } from '../inbox/item.ts'
import { type Breaker, readBreaker } from './breaker.ts'
import {
  type Digest,
  type DigestState,
  digestsIn,
  findDigest,
  toDigest,
  waitingFor,
} from './rows.ts'
import { again, type Grouping, join, type Sealed, seal } from './sending.ts'
import { bytesOf, type CountTokens } from './tokens.ts'
import { type RecordVerdicts, recordVerdicts, toVerdict, type Verdict } from './verdicts.ts'

export type { Breaker, Digest, DigestState, Grouping, Sealed }

/** The lease of items in an open digest, renewed while a pickup lives. */
const OPEN_LEASE_MS = 120_000

/** Sets of inbox items that one turn asks Luci about, and what was said of each. */
export const createDigests = (
  db: Database,
  clock: Clock,
  /** How the texts are measured; only who sends digests needs one. */
  countTokens: CountTokens = async (texts) => texts.map(bytesOf),
) => {
  const leaseUntil = (afterMs: number) => inboxTime(new Date(clock.now().getTime() + afterMs))
  return {
    /** Null when there is no such digest. */
    find: (id: string) => findDigest(db, id),

    /** Throws `not_found`. */
    async get(id: string): Promise<Digest> {
      const digest = await findDigest(db, id)
      if (!digest) throw new AppError('not_found', `There is no digest ${id}`)
      return digest
    },

    /** Newest first; `before` is the id of the last one of the page before. */
    async list({
      before,
      limit = 50,
    }: {
      before?: string
      limit?: number
    } = {}): Promise<Digest[]> {
      let query = db.kysely
        .selectFrom('digests')
        .selectAll()
        .orderBy('opened_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (before)
        query = query.where(
          sql<boolean>`(opened_at, id) < (select opened_at, id from digests where id = ${before})`,
        )
      return (await query.execute()).map(toDigest)
    },

    /** All items that it carried, ended or not. */
    async items(id: string): Promise<Item[]> {
      const rows = await db.kysely
        .selectFrom('orchestrator_inbox')
        .selectAll()
        .where('digest_id', '=', id)
        .orderBy('id')
        .execute()
      return rows.map(toItem)
    },

    async verdicts(id: string): Promise<Verdict[]> {
      const rows = await db.kysely
        .selectFrom('verdicts')
        .selectAll()
        .where('digest_id', '=', id)
        .orderBy('item_id')
        .execute()
      return rows.map(toVerdict)
    },

    /** How many items Luci has decided in each of these; one with none is left out. */
    async decidedByLuci(ids: readonly string[]): Promise<Map<string, number>> {
      if (ids.length === 0) return new Map()
      const rows = await db.kysely
        .selectFrom('verdicts')
        .select((eb) => ['digest_id', eb.fn.countAll<number | string>().as('items')])
        .where('digest_id', 'in', [...ids])
        .where('decided_by', '=', 'luci')
        .groupBy('digest_id')
        .execute()
      return new Map(rows.map((row) => [row.digest_id, Number(row.items)]))
    },

    /** The one that gathers; null when none does. */
    open: async (): Promise<Digest | null> => (await digestsIn(db, 'open'))[0] ?? null,
    sealed: () => digestsIn(db, 'sealed'),
    /** Items of a digest that are still held for it. */
    waiting: (id: string) => waitingFor(db, id),

    /** Puts claimed items into the open digest: see sending.ts, also of the two below. */
    join: (items: readonly Item[], grouping: Grouping) => join(db, clock, items, grouping),

    /** While a pickup lives, what waits in the open digest stays claimed. */
    async keep(digest: Digest): Promise<void> {
      const half = leaseUntil(OPEN_LEASE_MS / 2)
      await db.kysely
        .updateTable('orchestrator_inbox')
        .set({ claim_expires_at: leaseUntil(OPEN_LEASE_MS) })
        .where('digest_id', '=', digest.id)
        .where('status', '=', 'claimed')
        .where('claim_expires_at', '<', half)
        .execute()
    },

    seal: (id: string, verdictTimeoutMs: number) =>
      seal(db, clock, countTokens, id, verdictTimeoutMs),
    again: (digest: Digest, verdictTimeoutMs: number, nudge?: { items: readonly Item[] }) =>
      again(db, clock, countTokens, digest, verdictTimeoutMs, nudge),

    /** How many turns carried it so far, reminders included. */
    async turns(id: string): Promise<number> {
      const row = await db.kysely
        .selectFrom('turns')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('digest_id', '=', id)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    /**
     * Every item has ended. `unheard`: she let it go by. What she said counts, also of a part of
     * it; where neither is so (a person judged all, she was busy with one), nobody can tell.
     */
    settle: (id: string, { unheard = false } = {}): Promise<void> =>
      db.transaction(async (tx) => {
        const said = await tx.kysely
          .selectFrom('verdicts')
          .select('item_id')
          .where('digest_id', '=', id)
          .where('decided_by', '<>', 'person')
          .limit(1)
          .executeTakeFirst()
        const silent = unheard ? 'silent' : null
        await tx.kysely
          .updateTable('digests')
          .set({
            state: 'settled',
            settled_at: isoTime(clock.now()),
            // She may have answered since the look.
            outcome: said ? 'answered' : sql`coalesce(outcome, ${silent})`,
          })
          .where('id', '=', id)
          .where('state', '<>', 'settled')
          .execute()
      }),

    /** Whether Luci is to be asked: see breaker.ts. */
    breaker: () => readBreaker(db, clock),

    /** See recordVerdicts: only written down, pickup acts. */
    recordVerdicts: (what: RecordVerdicts) => recordVerdicts(db, clock, what),
  }
}

export type Digests = ReturnType<typeof createDigests>
