import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime, parseTime } from '../clock.ts'
import { countUsage, dayOf, type UsageKind } from '../costs/count.ts'
import type { Usage } from '../costs/usage.ts'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import {
  inFlightTurnStates,
  isOpenTurn,
  openTurnStates,
  type Prompt,
  type Turn,
  type TurnOrigin,
  type TurnState,
  toTurn,
} from './turn.ts'

export type NewTurn = {
  text: string
  origin: TurnOrigin
  author?: string
  digestId?: string
}

/** What may be written beside a new state. `evidence` is merged into what is there. */
export type TurnProgress = {
  reply?: string
  problem?: string
  evidence?: Record<string, unknown>
  prompt?: Prompt | null
  profile?: string
  conversation?: string
  /** All that it used; it is counted in its day's sum by the difference. */
  usage?: Usage
}

/** A message to Luci may be this long; beyond a profile's safe size it is pulled, not pasted. */
export const TURN_TEXT_MAX = 1_000_000

/** The time column that a state's beginning is kept in. */
const timeColumn: Partial<Record<TurnState, 'typed_at' | 'received_at' | 'answering_at'>> = {
  typed: 'typed_at',
  received: 'received_at',
  answering: 'answering_at',
}

/** What a person put first (their last word before their earlier ones), people before digests, oldest first. */
const inOrder = sql`
  case when put_first_at is null then 1 else 0 end, put_first_at desc,
  case when origin = 'digest' then 1 else 0 end, seq`

/** The thread: messages to Luci and her replies, in order. */
export const createTurns = (db: Database, clock: Clock) => {
  const find = async (id: string, tx: Database = db): Promise<Turn | null> => {
    const row = await tx.kysely
      .selectFrom('turns')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toTurn(row) : null
  }
  const get = async (id: string, tx: Database = db): Promise<Turn> => {
    const turn = await find(id, tx)
    if (!turn) throw missing(id)
    return turn
  }
  /** The turn as it stays until the transaction ends: Postgres would let two read the same state. */
  const hold = async (id: string, tx: Database): Promise<Turn | null> => {
    if (tx.dialect === 'postgres')
      await tx.kysely.selectFrom('turns').select('id').where('id', '=', id).forUpdate().execute()
    return find(id, tx)
  }
  const count = (tx: Database, before: Turn, usage: Usage): Promise<void> => {
    const endedAt = parseTime(before.endedAt)
    return countUsage(tx, clock, usageKindOf(before.origin), usage, {
      before,
      ...(endedAt ? { day: dayOf(endedAt) } : {}),
    })
  }
  return {
    find: (id: string) => find(id),
    get: (id: string) => get(id),

    /** Queues a message. The row is there before any byte is typed. */
    async queue(turn: NewTurn): Promise<Turn> {
      if (turn.text.trim() === '')
        throw new AppError('invalid', 'Expected a message, got only white space')
      if (turn.text.length > TURN_TEXT_MAX)
        throw new AppError(
          'invalid',
          `Expected a message of at most ${TURN_TEXT_MAX} characters, got ${turn.text.length}`,
          { hint: 'Save it as a file and tell Luci where it is.' },
        )
      const row = await db.kysely
        .insertInto('turns')
        .values({
          id: randomHex(3),
          origin: turn.origin,
          author: turn.author ?? null,
          text: turn.text,
          state: 'queued',
          digest_id: turn.digestId ?? null,
          created_at: isoTime(clock.now()),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return toTurn(row)
    },

    /** The next one to type, as `inOrder` says. Null when none waits. */
    async next(): Promise<Turn | null> {
      const row = await db.kysely
        .selectFrom('turns')
        .selectAll()
        .where('state', '=', 'queued')
        .orderBy(inOrder)
        .limit(1)
        .executeTakeFirst()
      return row ? toTurn(row) : null
    },

    /** The ids of all that wait, in the order they will be typed. */
    async waiting(): Promise<string[]> {
      const rows = await db.kysely
        .selectFrom('turns')
        .select('id')
        .where('state', '=', 'queued')
        .orderBy(inOrder)
        .limit(100)
        .execute()
      return rows.map(({ id }) => id)
    },

    /** What Luci has in hand; more than one only after a crash. */
    async inFlight(): Promise<Turn[]> {
      const rows = await db.kysely
        .selectFrom('turns')
        .selectAll()
        .where('state', 'in', inFlightTurnStates)
        .orderBy('seq')
        .execute()
      return rows.map(toTurn)
    },

    /** Queued or in flight, oldest first. */
    async open(): Promise<Turn[]> {
      const rows = await db.kysely
        .selectFrom('turns')
        .selectAll()
        .where('state', 'in', openTurnStates)
        .orderBy('seq')
        .execute()
      return rows.map(toTurn)
    },

    /** Newest first; `before` is the seq where the previous page ended. */
    async list({ before, limit = 50 }: { before?: number; limit?: number } = {}): Promise<Turn[]> {
      let query = db.kysely.selectFrom('turns').selectAll().orderBy('seq', 'desc').limit(limit)
      if (before) query = query.where('seq', '<', before)
      return (await query.execute()).map(toTurn)
    },

    /**
     * Moves a turn from one of `from` to `to`. Null when it is in none of them (somebody else
     * moved it): nothing is changed then.
     */
    move: (
      id: string,
      from: readonly TurnState[],
      to: TurnState,
      progress: TurnProgress = {},
    ): Promise<Turn | null> =>
      db.transaction(async (tx) => {
        const turn = await hold(id, tx)
        if (!turn) throw missing(id)
        if (!from.includes(turn.state)) return null
        const column = timeColumn[to]
        const at = isoTime(clock.now())
        const row = await tx.kysely
          .updateTable('turns')
          .set({
            state: to,
            ...(column ? { [column]: at } : {}),
            ended_at: isOpenTurn(to) ? null : at,
            evidence: JSON.stringify({ ...turn.evidence, ...progress.evidence }),
            prompt: progress.prompt ? JSON.stringify(progress.prompt) : null,
            ...(progress.reply === undefined ? {} : { reply: progress.reply }),
            ...(progress.problem === undefined ? {} : { problem: progress.problem }),
            ...(progress.profile === undefined ? {} : { profile: progress.profile }),
            ...(progress.conversation === undefined ? {} : { conversation: progress.conversation }),
            ...(progress.usage ? usageColumns(progress.usage) : {}),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        if (progress.usage) await count(tx, turn, progress.usage)
        return toTurn(row)
      }),

    /**
     * What an ended turn has used after all: its program told it late. The day of its end is
     * corrected by the difference. Null when there is no such turn, or it is no news.
     */
    correctUsage: (id: string, usage: Usage): Promise<Turn | null> =>
      db.transaction(async (tx) => {
        const turn = await hold(id, tx)
        if (!turn || isOpenTurn(turn.state) || isSameUsage(turn, usage)) return null
        const row = await tx.kysely
          .updateTable('turns')
          .set(usageColumns(usage))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        await count(tx, turn, usage)
        return toTurn(row)
      }),

    /** Adds to the evidence; the state stays. */
    note: (id: string, evidence: Record<string, unknown>): Promise<void> =>
      db.transaction(async (tx) => {
        const turn = await hold(id, tx)
        if (!turn) throw missing(id)
        await tx.kysely
          .updateTable('turns')
          .set({ evidence: JSON.stringify({ ...turn.evidence, ...evidence }) })
          .where('id', '=', id)
          .execute()
      }),

    /** How many wait. */
    async countQueued(): Promise<number> {
      const row = await db.kysely
        .selectFrom('turns')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    /** Keeps what has been said so far, for who comes later; the state stays. */
    async saveReply(id: string, reply: string): Promise<void> {
      await db.kysely.updateTable('turns').set({ reply }).where('id', '=', id).execute()
    },

    /** Throws `conflict` once it is typed. */
    async edit(id: string, text: string): Promise<Turn> {
      const row = await db.kysely
        .updateTable('turns')
        .set({ text })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .returningAll()
        .executeTakeFirst()
      if (row) return toTurn(row)
      throw tooLate(await get(id), 'edited')
    },

    /**
     * A person wants it heard before all others that wait, also before those put first until now.
     * Throws `conflict` once it is typed, and for a digest, which is nobody's message.
     */
    async putFirst(id: string): Promise<Turn> {
      const row = await db.kysely
        .updateTable('turns')
        .set({ put_first_at: isoTime(clock.now()) })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .where('origin', '<>', 'digest')
        .returningAll()
        .executeTakeFirst()
      if (row) return toTurn(row)
      const turn = await get(id)
      if (turn.state !== 'queued') throw tooLate(turn, 'sent before others')
      throw new AppError('conflict', `Turn ${id} is a digest`, {
        hint: 'It is sent by itself, after what people wrote.',
      })
    },

    /** Takes a queued message back. Throws `conflict` once it is typed. */
    async remove(id: string): Promise<void> {
      const result = await db.kysely
        .deleteFrom('turns')
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .executeTakeFirst()
      if (result.numDeletedRows === 0n) throw tooLate(await get(id), 'removed')
    },
  }
}

const missing = (id: string) => new AppError('not_found', `There is no turn ${id}`)

/** A digest is the machine's own; everything else is somebody's word to her. */
export const usageKindOf = (origin: TurnOrigin): UsageKind =>
  origin === 'digest' ? 'digest' : 'chat'

const usageColumns = (usage: Usage) => ({
  tokens_in: usage.tokensIn,
  tokens_out: usage.tokensOut,
  tokens_cached: usage.tokensCached,
  cost_usd: usage.costUsd,
  model: usage.model,
})

const isSameUsage = (one: Usage, other: Usage): boolean =>
  one.tokensIn === other.tokensIn &&
  one.tokensOut === other.tokensOut &&
  one.tokensCached === other.tokensCached &&
  one.costUsd === other.costUsd &&
  one.model === other.model

export type Turns = ReturnType<typeof createTurns>

const tooLate = (turn: Turn, verb: string) =>
  new AppError('conflict', `Turn ${turn.id} is ${turn.state}; only a queued one can be ${verb}`)
