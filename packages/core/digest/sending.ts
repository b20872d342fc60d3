import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import { type Clock, inboxTime, isoTime } from '../clock.ts'
import { randomHex } from '../ids.ts'
import type { Item } from '../inbox/item.ts'
import { createSettings } from '../settings/settings.ts'
import { PAUSE_SETTING } from '../trust/held.ts'
import type { Turn } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'
import { backgroundOf } from './background.ts'
import { composeDigest, linesToCount } from './digest.ts'
import {
  changeDigest,
  type Digest,
  digestsIn,
  findDigest,
  hold,
  toDigest,
  waitingFor,
} from './rows.ts'
import { bytesOf, type CountTokens } from './tokens.ts'

export type Grouping = { groupWaitMs: number; groupIntervalMs: number }
export type Sealed = { digest: Digest; turn: Turn; items: Item[]; left: Item[] }

/** Beyond the deadline the items stay ours so long, for who performs the fallback. */
const GRACE_MS = 120_000

/**
 * Puts claimed items into the open digest, opening one if need be. The first waits
 * `groupWaitMs`, and digests are `groupIntervalMs` apart; with a critical item it is due now.
 * Items whose lease was lost stay out.
 */
export const join = (
  db: Database,
  clock: Clock,
  items: readonly Item[],
  { groupWaitMs, groupIntervalMs }: Grouping,
): Promise<void> =>
  db.transaction(async (tx) => {
    await lockName(tx, 'digest')
    const urgent = items.some((item) => item.priority === 'critical')
    let [digest] = await digestsIn(tx, 'open')
    if (!digest) {
      const now = clock.now().getTime()
      const last = await lastSealedAt(tx)
      // A clock that was set back must not keep the desk waiting for the old time.
      const notBefore = last ? Math.min(Date.parse(last), now) + groupIntervalMs : 0
      const due = Math.max(now + groupWaitMs, notBefore)
      const row = await tx.kysely
        .insertInto('digests')
        .values({
          id: randomHex(4),
          state: 'open',
          opened_at: at(clock),
          due_at: isoTime(new Date(due)),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      digest = toDigest(row)
    }
    if (urgent && digest.dueAt > at(clock)) await changeDigest(tx, digest.id, { due_at: at(clock) })
    for (const item of items)
      await tx.kysely
        .updateTable('orchestrator_inbox')
        .set({ digest_id: digest.id })
        .where('id', '=', item.id)
        .where('status', '=', 'claimed')
        .where('claim_expires_at', '=', item.lease)
        .execute()
  })

/**
 * Sends the open digest, in one transaction: sealed, its turn queued, its items held until the
 * verdict deadline. `left` are those the text had no room for. Null when there was nothing to
 * send (it is closed then), somebody else did, or a person has just paused her.
 */
export const seal = async (
  db: Database,
  clock: Clock,
  countTokens: CountTokens,
  id: string,
  verdictTimeoutMs: number,
): Promise<Sealed | null> => {
  // Before the transaction, which holds up every other writer. Of what joins meanwhile less is
  // known, and it is measured in bytes.
  const { background, tokensOf } = await prepare(db, clock, countTokens, await waitingFor(db, id))
  return db.transaction(async (tx) => {
    await lockName(tx, 'digest')
    const open = await findDigest(tx, id)
    if (open?.state !== 'open' || (await isPaused(tx, clock))) return null
    const items = await waitingFor(tx, id)
    if (items.length === 0) {
      await changeDigest(tx, id, { state: 'settled', settled_at: at(clock) })
      return null
    }
    const routine = await routineSince(tx, id)
    const { text, left } = composeDigest({ id, routine }, items, background, tokensOf)
    const turn = await createTurns(tx, clock).queue({ text, origin: 'digest', digestId: id })
    await hold(tx, clock, id, verdictTimeoutMs + GRACE_MS)
    const digest = await changeDigest(tx, id, {
      state: 'sealed',
      sealed_at: at(clock),
      turn_id: turn.id,
      verdict_deadline: at(clock, verdictTimeoutMs),
      text,
    })
    return { digest, turn, items, left }
  })
}

/**
 * Another turn for a sealed digest with a new deadline: the same text again (its turn was
 * lost), or with `nudge` a reminder of its items alone. Null when somebody else did it, or a
 * person has just paused her.
 */
export const again = async (
  db: Database,
  clock: Clock,
  countTokens: CountTokens,
  digest: Digest,
  verdictTimeoutMs: number,
  nudge?: { items: readonly Item[] },
): Promise<Turn | null> => {
  const { background, tokensOf } = await prepare(db, clock, countTokens, nudge?.items ?? [])
  return db.transaction(async (tx) => {
    await lockName(tx, 'digest')
    const now = await findDigest(tx, digest.id)
    if (now?.state !== 'sealed' || now.turnId !== digest.turnId) return null
    if (await isPaused(tx, clock)) return null
    const text = nudge
      ? composeDigest(
          { id: digest.id, about: 'a reminder of what has no verdict yet' },
          nudge.items,
          background,
          tokensOf,
        ).text
      : (digest.text ?? '')
    // Of origin digest like the first: what it quotes is no more to be trusted.
    const turn = await createTurns(tx, clock).queue({
      text,
      origin: 'digest',
      digestId: digest.id,
    })
    await hold(tx, clock, digest.id, verdictTimeoutMs + GRACE_MS)
    await changeDigest(tx, digest.id, {
      turn_id: turn.id,
      verdict_deadline: at(clock, verdictTimeoutMs),
      ...(nudge ? { nudged_at: at(clock) } : {}),
    })
    return turn
  })
}

/** Asked under the lock that whoever pauses takes too: after them no digest goes. */
const isPaused = async (tx: Database, clock: Clock): Promise<boolean> =>
  (await createSettings(tx, clock).get(PAUSE_SETTING)) !== null

/**
 * All that takes time: what is known of the items' troubles, and the tokens of what a digest of
 * them may say. None are counted when the bytes are few.
 */
const prepare = async (
  db: Database,
  clock: Clock,
  countTokens: CountTokens,
  items: readonly Item[],
) => {
  const background = await backgroundOf(db, clock, items)
  const lines = linesToCount(items, background)
  const counts = new Map<string, number>()
  if (lines.reduce((sum, line) => sum + bytesOf(line), 0) > BYTES_UNCOUNTED)
    for (const [at, count] of (await countTokens(lines)).entries())
      counts.set(lines[at] ?? '', count)
  return { background, tokensOf: (line: string) => counts.get(line) ?? bytesOf(line) }
}

/** So few bytes fit whatever they say: no token is less than a byte. */
const BYTES_UNCOUNTED = 1_000

/** How many items rules found routine since the digest before this one was sealed. */
const routineSince = async (tx: Database, id: string): Promise<number> => {
  const last = await lastSealedAt(tx, id)
  if (!last) return 0
  const { rows } = await sql<{ count: number | string }>`
    select count(*) as count from (
      select 1 as one from orchestrator_inbox
      where status = 'ignored' and processed_at > ${inboxTime(new Date(last))}
      limit ${sql.lit(ROUTINE_MAX)}) counted`.execute(tx.kysely)
  return Number(rows[0]?.count ?? 0)
}

/** More are not counted while the desk waits. */
const ROUTINE_MAX = 10_000

/** When the digest opened last before this one was sealed; null when there was none. */
const lastSealedAt = async (tx: Database, but = ''): Promise<string | null> => {
  const row = await tx.kysely
    .selectFrom('digests')
    .select('sealed_at')
    .where('id', '<>', but)
    .where('sealed_at', 'is not', null)
    .orderBy('opened_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.sealed_at ?? null
}

const at = (clock: Clock, afterMs = 0): string => isoTime(new Date(clock.now().getTime() + afterMs))
