import { isoTime } from '@mc/core/clock.ts'
import type { Digest } from '@mc/core/digest/digests.ts'
import { toVerdict, type Verdict } from '@mc/core/digest/verdicts.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { fallback } from '@mc/core/triage/fallback.ts'
import { fingerprintFor } from '@mc/core/triage/outcome.ts'
import { withCounts } from '@mc/core/triage/streak.ts'
import { floorFor } from '@mc/core/triage/triage.ts'
import { both, effectsOf } from '@mc/core/triage/verdict.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import type { Desk } from './desk.ts'
import { createTold } from './history.ts'
import { attempt, type End, raiseItem, settleItem, settleItems } from './settle.ts'
import { giveUp, tellOfAnswers } from './silence.ts'

/** A digest's text is sent at most this often, reminders aside. */
const SENDS_MAX = 2
const AT_ONCE = 200

/**
 * What was said and is not done yet, of items that were claimed: one that is not is claimed first,
 * in its order. Verdicts come first in the plan: SQLite would look at every item of the states.
 */
export const toPerform = (db: Database) =>
  db.kysely
    .selectFrom('verdicts')
    .innerJoin('orchestrator_inbox', 'orchestrator_inbox.id', 'verdicts.item_id')
    .selectAll('orchestrator_inbox')
    .select([
      'verdicts.item_id',
      'verdicts.digest_id as verdict_digest',
      'verdicts.action',
      'verdicts.reason as verdict_reason',
      'verdicts.decided_by as verdict_by',
      'verdicts.at',
      'verdicts.performed_at',
    ])
    .where('verdicts.performed_at', 'is', null)
    .where(
      sql<boolean>`coalesce(orchestrator_inbox.status, '') in ('claimed', 'processed', 'ignored')`,
    )
    .orderBy('verdicts.at')
    .limit(AT_ONCE)

/** Does what was recorded and not yet done. Returns how many items it brought on. */
export const performVerdicts = async (desk: Desk): Promise<number> => {
  const rows = await toPerform(desk.db).execute()
  let count = 0
  for (const row of rows) {
    const verdict = toVerdict({
      item_id: row.item_id,
      digest_id: row.verdict_digest,
      action: row.action,
      reason: row.verdict_reason,
      decided_by: row.verdict_by,
      at: row.at,
      performed_at: row.performed_at,
    })
    const item = toItem(row)
    const { action, decidedBy, reason } = verdict
    const decision = { action, decidedBy, reason }
    const brought = await attempt(desk, item, async () => {
      if (item.status !== 'claimed') await raiseItem(desk, item, decision)
      else if (await settleItem(desk, item, decision))
        return 1 + (await settleAlike(desk, item, verdict))
      return 1
    })
    count += brought ?? 0
  }
  // Also one that comes too late says that she is there again.
  if (rows.some((row) => row.verdict_by !== 'person')) await tellOfAnswers(desk)
  return count
}

/** The list showed one item for all that are alike; those without a verdict of their own get its. */
const settleAlike = async (desk: Desk, item: Item, verdict: Verdict): Promise<number> => {
  if (verdict.digest === '') return 0
  const own = new Set((await desk.digests.verdicts(verdict.digest)).map((other) => other.item))
  const fingerprint = fingerprintFor(item)
  const alike = (await desk.digests.waiting(verdict.digest)).filter(
    (other) => !own.has(other.id) && fingerprintFor(other) === fingerprint,
  )
  const reason = `${verdict.reason} (as item ${item.id})`
  return settleItems(
    desk,
    alike.map((other) => {
      // One of them may be critical where the one that was judged is not.
      const action = both(verdict.action, floorFor(other))
      return { item: other, decision: { action, decidedBy: verdict.decidedBy, reason } }
    }),
  )
}

/** Brings every sent digest on by one step: done, reminded, sent again, or decided by the fallback. */
export const followUp = async (desk: Desk): Promise<void> => {
  const held = await desk.held()
  for (const digest of await desk.digests.sealed()) {
    const items = await desk.digests.waiting(digest.id)
    if (items.length === 0) {
      await desk.digests.settle(digest.id)
      await tellOfAnswers(desk)
      continue
    }
    const turn = digest.turnId ? await desk.turns.find(digest.turnId) : null
    const sends = (await desk.digests.turns(digest.id)) - (digest.nudgedAt ? 1 : 0)
    const next = whileHeld(held, nextStep(digest, turn, sends, isoTime(desk.clock.now())))
    if (next.step === 'wait') continue
    desk.log.info({ digestId: digest.id, items: items.length, ...next }, 'Digest followed up')
    if (next.step === 'send_again') await desk.digests.again(digest, desk.triage.verdictTimeoutMs)
    if (next.step === 'nudge')
      await desk.digests.again(digest, desk.triage.verdictTimeoutMs, { items })
    if (next.step !== 'fallback') continue
    await decideByFallback(desk, items, next.why)
    // Held, it was not she who let it go by.
    await giveUp(desk, digest, held === null && (await wasUnheard(desk, turn)))
    await tellOfAnswers(desk)
    if (turn)
      await desk.turns.move(turn.id, ['queued'], 'interrupted', {
        problem: 'The fallback has decided meanwhile',
      })
  }
}

/** Whether she let a digest go by: not when a person kept her busy, stopped it or took it back. */
const wasUnheard = async (desk: Desk, turn: Turn | null): Promise<boolean> => {
  if (!turn) return false
  if (turn.state === 'interrupted' && turn.evidence.interruptedBy === 'person') return false
  if (turn.state !== 'queued') return true
  return !(await desk.turns.inFlight()).some(({ origin }) => origin !== 'digest')
}

export type NextStep =
  | { step: 'wait' }
  | { step: 'send_again' }
  | { step: 'nudge' }
  | { step: 'fallback'; why: string }

/** What a sent digest with items left needs. Pure. `now` is ISO time, `sends` without reminders. */
export const nextStep = (
  digest: Pick<Digest, 'verdictDeadline' | 'nudgedAt'>,
  turn: Pick<Turn, 'state'> | null,
  sends: number,
  now: string,
): NextStep => {
  if (!turn) return { step: 'fallback', why: 'Its turn was taken out of the queue' }
  if (digest.verdictDeadline !== null && now >= digest.verdictDeadline)
    return { step: 'fallback', why: late[turn.state] ?? 'Luci did not say in time' }
  switch (turn.state) {
    case 'answered':
      return digest.nudgedAt
        ? { step: 'fallback', why: 'Luci left it out, also when reminded' }
        : { step: 'nudge' }
    case 'lost':
    case 'failed':
    case 'interrupted':
      return sends < SENDS_MAX && !digest.nudgedAt
        ? { step: 'send_again' }
        : { step: 'fallback', why: `Its turn was ${turn.state} again` }
    default:
      // Under way, or unknown after a crash: that one is never sent again by itself.
      return { step: 'wait' }
  }
}

/**
 * A pause ends what is with her at once; the cap on costs lets it end, but nothing is sent anew.
 * Pure.
 */
export const whileHeld = (held: Held | null, next: NextStep): NextStep => {
  if (held === null || (held.by === 'cost' && next.step === 'wait')) return next
  return next.step === 'fallback' && held.by === 'cost'
    ? next
    : { step: 'fallback', why: held.reason }
}

const late: Partial<Record<Turn['state'], string>> = {
  queued: 'Luci was too busy to be asked in time',
  blocked: 'Luci was blocked by a prompt',
  unknown: 'Nobody knows whether Luci got it',
}

/** The fallback table for each, with `why` in the audit. Returns how many it settled. */
export const decideByFallback = async (
  desk: Desk,
  items: readonly Item[],
  why: string,
): Promise<number> => {
  let count = 0
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const ends: End[] = []
    const told = createTold(desk.db)
    for (const plainItem of items.slice(from, from + AT_ONCE)) {
      const item = await withCounts(desk.db, plainItem)
      const { action, reason } = fallback(item, floorFor(item), await told.has(item))
      if (effectsOf(action).includes('alert')) told.add(item)
      const decision = { action, decidedBy: 'fallback', reason: `${why}. ${reason}` }
      ends.push({ item, decision })
    }
    count += await settleItems(desk, ends)
  }
  return count
}
