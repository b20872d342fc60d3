import type { Database } from '@mc/db/database.ts'
import type { VerdictsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Static, Type } from 'typebox'
import { type Clock, isoTime } from '../clock.ts'
import { createInbox } from '../inbox/inbox.ts'
import { type Item, type VerdictAction, verdictActions } from '../inbox/item.ts'
import { floorFor } from '../triage/triage.ts'
import { both, covers } from '../triage/verdict.ts'
import { inFlightTurnStates, type Turn } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'

/** What Luci or a person says of one item. */
export const NewVerdict = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'The "item" of the digest' }),
    action: Type.Enum(verdictActions, {
      description:
        'alert: a person can and should act now. ticket: work for later. silent: neither. Never less than the item’s "floor".',
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'Why, in one short sentence that a person will read',
    }),
  },
  { additionalProperties: false },
)
export type NewVerdict = Static<typeof NewVerdict>

export type Verdict = {
  item: number
  /** Empty when a person judged an item outside any digest. */
  digest: string
  action: VerdictAction
  reason: string
  decidedBy: 'luci' | 'person' | 'fallback'
  at: string
  /** When pickup did what it says; null while it has not. */
  performedAt: string | null
}

export type VerdictResult = { item: number } & (
  | { status: 'recorded'; action: VerdictAction }
  | { status: 'refused'; reason: string }
)

export type RecordVerdicts = {
  verdicts: readonly NewVerdict[]
} & ({ by: 'luci'; turnId: string } | { by: 'person'; turnId?: string | null })

/**
 * Writes verdicts down, each judged by itself; pickup alone acts on them. Luci speaks for the
 * digest of her turn while it is in flight; when it was typed to the house responder, which reads
 * them off the fallback table, the audit says `fallback`. Nobody goes below the rules' floor, and once an item
 * is settled a verdict can only add to what was done.
 */
export const recordVerdicts = (
  db: Database,
  clock: Clock,
  { verdicts, ...from }: RecordVerdicts,
): Promise<VerdictResult[]> =>
  db.transaction(async (tx) => {
    const turn = from.by === 'luci' ? await createTurns(tx, clock).find(from.turnId) : null
    const results: VerdictResult[] = []
    for (const verdict of verdicts) {
      const item = await createInbox(tx, clock).find(verdict.item)
      const earlier = item ? await earlierVerdict(tx, item) : null
      const refusal = item
        ? whyNot(item, verdict, from.by, turn, earlier)
        : `There is no item ${verdict.item}`
      if (refusal !== null || !item) {
        results.push({ item: verdict.item, status: 'refused', reason: refusal ?? '' })
        continue
      }
      const action = both(verdict.action, done(item, earlier))
      await write(tx, clock, item, { ...verdict, action }, from.by, turn)
      results.push({ item: item.id, status: 'recorded', action })
    }
    return results
  })

/** Why a verdict is not taken; null when it is. */
const whyNot = (
  item: Item,
  verdict: NewVerdict,
  by: 'luci' | 'person',
  turn: Turn | null,
  earlier: Verdict | null,
): string | null => {
  if (by === 'luci') {
    if (!turn) return 'There is no such turn'
    if (!inFlightTurnStates.includes(turn.state))
      return `Turn ${turn.id} is ${turn.state}, not in flight`
    if (!turn.digestId || turn.digestId !== item.digestId)
      return `Item ${item.id} is not in the digest of turn ${turn.id}`
    if (earlier?.decidedBy === 'person') return 'A person has decided it'
  }
  const floor = floorFor(item)
  if (!covers(verdict.action, floor))
    return `Expected at least ${floor} for a ${item.priority} item, got ${verdict.action}`
  const isOver = item.status === 'processed' || item.status === 'ignored'
  if (isOver && covers(item.verdict ?? 'silent', verdict.action))
    return `It is settled as ${item.verdict ?? 'silent'} already; a late verdict can only add to that`
  return null
}

/** What was done already and cannot be taken back. */
const done = (item: Item, earlier: Verdict | null): VerdictAction => {
  if (item.status === 'processed' || item.status === 'ignored') return item.verdict ?? 'silent'
  return earlier?.performedAt ? earlier.action : 'silent'
}

const earlierVerdict = async (tx: Database, item: Item): Promise<Verdict | null> => {
  const row = await tx.kysely
    .selectFrom('verdicts')
    .selectAll()
    .where('item_id', '=', item.id)
    .where('digest_id', '=', item.digestId ?? '')
    .executeTakeFirst()
  return row ? toVerdict(row) : null
}

const write = (
  tx: Database,
  clock: Clock,
  item: Item,
  verdict: NewVerdict,
  by: 'luci' | 'person',
  turn: Turn | null,
) => {
  const house = by === 'luci' && turn?.profile === 'house'
  const row = {
    action: verdict.action,
    reason: house ? `House responder: ${verdict.reason}` : verdict.reason,
    decided_by: house ? 'fallback' : by,
    at: isoTime(clock.now()),
    performed_at: null,
  }
  return tx.kysely
    .insertInto('verdicts')
    .values({ item_id: item.id, digest_id: item.digestId ?? '', ...row })
    .onConflict((conflict) => conflict.columns(['item_id', 'digest_id']).doUpdateSet(row))
    .execute()
}

export const toVerdict = (row: Selectable<VerdictsTable>): Verdict => ({
  item: row.item_id,
  digest: row.digest_id,
  action: row.action as VerdictAction,
  reason: row.reason,
  decidedBy: row.decided_by as Verdict['decidedBy'],
  at: row.at,
  performedAt: row.performed_at,
})
