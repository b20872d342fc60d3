import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { randomHex } from '../ids.ts'
import type { Item } from '../inbox/item.ts'
import type { Turn } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'
import { backgroundOf } from './background.ts'
import { composeDigest } from './digest.ts'
import {
  changeDigest,
  type Digest,
  digestsIn,
  findDigest,
  hold,
  toDigest,
  waitingFor,
} from './rows.ts'

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
 * send (it is closed then) or somebody else did.
 */
export const seal = (
  db: Database,
  clock: Clock,
  id: string,
  verdictTimeoutMs: number,
): Promise<Sealed | null> =>
  db.transaction(async (tx) => {
    await lockName(tx, 'digest')
    const open = await findDigest(tx, id)
    if (open?.state !== 'open') return null
    const items = await waitingFor(tx, id)
    if (items.length === 0) {
      await changeDigest(tx, id, { state: 'settled', settled_at: at(clock) })
      return null
    }
    const background = await backgroundOf(tx, clock, items)
    const { text, left } = composeDigest({ id, nonce: randomHex(6) }, items, background)
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

/**
 * Another turn for a sealed digest with a new deadline: the same text again (its turn was
 * lost), or with `nudge` a reminder of its items alone. Null when somebody else did it.
 */
export const again = (
  db: Database,
  clock: Clock,
  digest: Digest,
  verdictTimeoutMs: number,
  nudge?: { items: readonly Item[] },
): Promise<Turn | null> =>
  db.transaction(async (tx) => {
    await lockName(tx, 'digest')
    const now = await findDigest(tx, digest.id)
    if (now?.state !== 'sealed' || now.turnId !== digest.turnId) return null
    const background = await backgroundOf(tx, clock, nudge?.items ?? [])
    const text = nudge
      ? composeDigest(
          {
            id: digest.id,
            nonce: randomHex(6),
            about: 'a reminder of what has no verdict yet',
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
    await hold(tx, clock, digest.id, verdictTimeoutMs + GRACE_MS)
    await changeDigest(tx, digest.id, {
      turn_id: turn.id,
      verdict_deadline: at(clock, verdictTimeoutMs),
      ...(nudge ? { nudged_at: at(clock) } : {}),
    })
    return turn
  })

const at = (clock: Clock, afterMs = 0): string => isoTime(new Date(clock.now().getTime() + afterMs))
