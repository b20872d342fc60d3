import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { DigestsTable } from '@mc/db/schema.ts'
import { type Selectable, sql } from 'kysely'
import { type Clock, inboxTime, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import { type Item, toItem } from '../inbox/item.ts'
import type { Turn } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'
import { backgroundOf } from './background.ts'
import { composeDigest } from './digest.ts'
import { type RecordVerdicts, recordVerdicts, toVerdict, type Verdict } from './verdicts.ts'

/** open: gathering. sealed: its turn waits for verdicts. settled: every item has ended. */
export type DigestState = 'open' | 'sealed' | 'settled'

export type Digest = {
  id: string
  state: DigestState
  openedAt: string
  /** Sent at this moment even if nothing more comes. */
  dueAt: string
  sealedAt: string | null
  /** The last turn that carried it. */
  turnId: string | null
  verdictDeadline: string | null
  /** When Luci was reminded of items she had left out. */
  nudgedAt: string | null
  settledAt: string | null
  text: string | null
}

export type Grouping = { groupWaitMs: number; groupIntervalMs: number }
export type Sealed = { digest: Digest; turn: Turn; items: Item[]; left: Item[] }

/** Beyond the deadline the items stay ours so long, for who performs the fallback. */
const GRACE_MS = 120_000
/** The lease of items in an open digest, renewed while a pickup lives. */
const OPEN_LEASE_MS = 120_000

/** Sets of inbox items that one turn asks Luci about, and what was said of each. */
export const createDigests = (db: Database, clock: Clock) => {
  const at = (afterMs = 0) => isoTime(new Date(clock.now().getTime() + afterMs))
  const leaseUntil = (afterMs: number) => inboxTime(new Date(clock.now().getTime() + afterMs))

  const find = async (id: string, tx: Database = db): Promise<Digest | null> => {
    const row = await tx.kysely
      .selectFrom('digests')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toDigest(row) : null
  }

  const inState = async (state: 'open' | 'sealed', tx: Database = db): Promise<Digest[]> => {
    const rows = await tx.kysely
      .selectFrom('digests')
      .selectAll()
      .where('state', '=', state)
      .orderBy('opened_at')
      .execute()
    return rows.map(toDigest)
  }

  /** Items of a digest that are still held for it. */
  const waiting = async (id: string, tx: Database = db): Promise<Item[]> => {
    const rows = await tx.kysely
      .selectFrom('orchestrator_inbox')
      .selectAll()
      .where('digest_id', '=', id)
      .where('status', '=', 'claimed')
      .orderBy('id')
      .execute()
    return rows.map(toItem)
  }

  const hold = (tx: Database, id: string, forMs: number) =>
    tx.kysely
      .updateTable('orchestrator_inbox')
      .set({ claim_expires_at: leaseUntil(forMs) })
      .where('digest_id', '=', id)
      .where('status', '=', 'claimed')
      .execute()

  const change = async (tx: Database, id: string, set: Partial<Selectable<DigestsTable>>) => {
    const row = await tx.kysely
      .updateTable('digests')
      .set(set)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return toDigest(row)
  }

  return {
    /** Null when there is no such digest. */
    find: (id: string) => find(id),

    /** Throws `not_found`. */
    async get(id: string): Promise<Digest> {
      const digest = await find(id)
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

    /** The one that gathers; null when none does. */
    open: async (): Promise<Digest | null> => (await inState('open'))[0] ?? null,
    sealed: () => inState('sealed'),
    waiting: (id: string) => waiting(id),

    /**
     * Puts claimed items into the open digest, opening one if need be. The first waits
     * `groupWaitMs`, and digests are `groupIntervalMs` apart; with a critical item it is due now.
     * Items whose lease was lost stay out.
     */
    join: (items: readonly Item[], { groupWaitMs, groupIntervalMs }: Grouping): Promise<void> =>
      db.transaction(async (tx) => {
        await lockName(tx, 'digest')
        const urgent = items.some((item) => item.priority === 'critical')
        let [digest] = await inState('open', tx)
        if (!digest) {
          const last = await tx.kysely
            .selectFrom('digests')
            .select((eb) => eb.fn.max('sealed_at').as('at'))
            .executeTakeFirst()
          const notBefore = last?.at ? Date.parse(last.at) + groupIntervalMs : 0
          const due = Math.max(clock.now().getTime() + groupWaitMs, notBefore)
          const row = await tx.kysely
            .insertInto('digests')
            .values({
              id: randomHex(4),
              state: 'open',
              opened_at: at(),
              due_at: isoTime(new Date(due)),
            })
            .returningAll()
            .executeTakeFirstOrThrow()
          digest = toDigest(row)
        }
        if (urgent && digest.dueAt > at()) await change(tx, digest.id, { due_at: at() })
        for (const item of items)
          await tx.kysely
            .updateTable('orchestrator_inbox')
            .set({ digest_id: digest.id })
            .where('id', '=', item.id)
            .where('status', '=', 'claimed')
            .where('claim_expires_at', '=', item.lease)
            .execute()
      }),

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

    /**
     * Sends the open digest, in one transaction: sealed, its turn queued, its items held until the
     * verdict deadline. `left` are those the text had no room for. Null when there was nothing to
     * send (it is closed then) or somebody else did.
     */
    seal: (id: string, verdictTimeoutMs: number): Promise<Sealed | null> =>
      db.transaction(async (tx) => {
        await lockName(tx, 'digest')
        const open = await find(id, tx)
        if (open?.state !== 'open') return null
        const items = await waiting(id, tx)
        if (items.length === 0) {
          await change(tx, id, { state: 'settled', settled_at: at() })
          return null
        }
        const background = await backgroundOf(tx, clock, items)
        const { text, left } = composeDigest({ id, nonce: randomHex(6) }, items, background)
        const turn = await createTurns(tx, clock).queue({ text, origin: 'digest', digestId: id })
        await hold(tx, id, verdictTimeoutMs + GRACE_MS)
        const digest = await change(tx, id, {
          state: 'sealed',
          sealed_at: at(),
          turn_id: turn.id,
          verdict_deadline: at(verdictTimeoutMs),
          text,
        })
        return { digest, turn, items, left }
      }),

    /**
     * Another turn for a sealed digest with a new deadline: the same text again (its turn was
     * lost), or with `about` a reminder of `items` alone. Null when somebody else did it.
     */
    again: (
      digest: Digest,
      verdictTimeoutMs: number,
      nudge?: { items: readonly Item[] },
    ): Promise<Turn | null> =>
      db.transaction(async (tx) => {
        await lockName(tx, 'digest')
        const now = await find(digest.id, tx)
        if (now?.state !== 'sealed' || now.turnId !== digest.turnId) return null
        const background = await backgroundOf(tx, clock, nudge?.items ?? [])
        const text = nudge
          ? composeDigest(
              {
                id: digest.id,
                nonce: randomHex(6),
                about: `a reminder of what has no verdict yet`,
              },
              nudge.items,
              background,
            ).text
          : (digest.text ?? '')
        // Of origin digest like the first: what it quotes is no more to be trusted.
        const turn = await createTurns(tx, clock).queue({
          text,
          origin: 'digest',
          digestId: digest.id,
        })
        await hold(tx, digest.id, verdictTimeoutMs + GRACE_MS)
        await change(tx, digest.id, {
          turn_id: turn.id,
          verdict_deadline: at(verdictTimeoutMs),
          ...(nudge ? { nudged_at: at() } : {}),
        })
        return turn
      }),

    /** How many turns carried it so far, reminders included. */
    async turns(id: string): Promise<number> {
      const row = await db.kysely
        .selectFrom('turns')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('digest_id', '=', id)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    /** Every item has ended. */
    async settle(id: string): Promise<void> {
      await db.kysely
        .updateTable('digests')
        .set({ state: 'settled', settled_at: at() })
        .where('id', '=', id)
        .where('state', '<>', 'settled')
        .execute()
    },

    /** See recordVerdicts: only written down, pickup acts. */
    recordVerdicts: (what: RecordVerdicts) => recordVerdicts(db, clock, what),
  }
}

export type Digests = ReturnType<typeof createDigests>

const toDigest = (row: Selectable<DigestsTable>): Digest => ({
  id: row.id,
  state: row.state as DigestState,
  openedAt: row.opened_at,
  dueAt: row.due_at,
  sealedAt: row.sealed_at,
  turnId: row.turn_id,
  verdictDeadline: row.verdict_deadline,
  nudgedAt: row.nudged_at,
  settledAt: row.settled_at,
  text: row.text,
})
