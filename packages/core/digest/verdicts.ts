import type { Database } from '@mc/db/database.ts'
import type { VerdictsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Item, VerdictAction } from '../inbox/item.ts'
import { fallback } from '../triage/fallback.ts'
import { floorFor } from '../triage/triage.ts'
import { both, covers, type Effect } from '../triage/verdict.ts'
import { inFlightTurnStates, type Turn } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'
import { isLate } from './late.ts'
import { NewVerdict, readVerdicts } from './read-verdicts.ts'

export { NewVerdict }

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

/** `index`: its place in the list that was given. `item` is null when it named none. */
export type VerdictResult = { index: number; item: number | null } & (
  | { status: 'recorded'; action: VerdictAction }
  | { status: 'refused'; reason: string }
)

export type RecordVerdicts = {
  /** As they were given: each is checked by itself. */
  verdicts: readonly unknown[]
} & ({ by: 'luci'; turnId: string } | { by: 'person'; turnId?: string | null })

/**
 * Writes verdicts down, each judged by itself; pickup alone acts on them. Luci speaks for the
 * digest of her turn while it is in flight, and for a while after its deadline (late.ts); when it was typed to the house responder, which reads
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
    const late = turn !== null && isLate(turn, clock)
    const results: VerdictResult[] = []
    for (const read of readVerdicts(verdicts)) {
      const { index } = read
      if ('problem' in read) {
        results.push({ index, item: read.item, status: 'refused', reason: read.problem })
        continue
      }
      const { verdict } = read
      const item = await createInbox(tx, clock).find(verdict.item)
      const earlier = item ? await earlierVerdict(tx, item) : null
      const refusal = item
        ? whyNot(item, verdict, from.by, turn && { ...turn, isLate: late }, earlier)
        : `There is no item ${verdict.item}`
      if (refusal !== null || !item) {
        results.push({ index, item: verdict.item, status: 'refused', reason: refusal ?? '' })
        continue
      }
      const action = both(
        verdict.action,
        both(done(item, earlier, late), await doneByHand(tx, item)),
      )
      if (!(await write(tx, clock, item, { ...verdict, action }, from.by, turn))) {
        results.push({ index, item: item.id, status: 'refused', reason: BY_PERSON })
        continue
      }
      results.push({ index, item: item.id, status: 'recorded', action })
    }
    if (results.some(({ status }) => status === 'recorded')) await answered(tx, turn)
    return results
  })

const BY_PERSON = 'A person has decided it'

/** Why a verdict is not taken; null when it is. */
const whyNot = (
  item: Item,
  verdict: NewVerdict,
  by: 'luci' | 'person',
  turn: (Turn & { isLate: boolean }) | null,
  earlier: Verdict | null,
): string | null => {
  if (by === 'luci') {
    if (!turn) return 'There is no such turn'
    if (!inFlightTurnStates.includes(turn.state) && !turn.isLate)
      return `Turn ${turn.id} is ${turn.state}, not in flight`
    if (!turn.digestId || turn.digestId !== item.digestId)
      return `Item ${item.id} is not in the digest of turn ${turn.id}`
    if (earlier?.decidedBy === 'person') return BY_PERSON
    const { swayed } = turn.evidence
    const usual = fallback(item, floorFor(item), false).action
    if (swayed !== undefined && !covers(verdict.action, usual))
      return `In this turn you read a text that speaks to you ("${String(swayed)}"), so item ${item.id} gets at least ${usual}`
  }
  const floor = floorFor(item)
  if (!covers(verdict.action, floor))
    return `Expected at least ${floor} for a ${item.priority} item, got ${verdict.action}`
  const isOver = item.status === 'processed' || item.status === 'ignored'
  if (isOver && covers(item.verdict ?? 'silent', verdict.action))
    return `It is settled as ${item.verdict ?? 'silent'} already; a late verdict can only add to that`
  return null
}

/** What was done already and cannot be taken back; past the deadline, what is just being done. */
const done = (item: Item, earlier: Verdict | null, late: boolean): VerdictAction => {
  if (item.status === 'processed' || item.status === 'ignored') return item.verdict ?? 'silent'
  if (late && !earlier) return fallback(item, floorFor(item), false).action
  return earlier?.performedAt ? earlier.action : 'silent'
}

/** What was filed or told for it in its digest's turn, before its verdict. */
const doneByHand = async (tx: Database, item: Item): Promise<VerdictAction> => {
  const rows = await tx.kysely
    .selectFrom('effects')
    .select('effect')
    .where('item_id', '=', item.id)
    .execute()
  return rows.map((row) => row.effect as Effect).reduce<VerdictAction>(both, 'silent')
}

/** She is there: it counts at once, also when she came too late or has not said all. */
const answered = async (tx: Database, turn: Turn | null): Promise<void> => {
  if (!turn?.digestId) return
  await tx.kysely
    .updateTable('digests')
    .set({ outcome: 'answered' })
    .where('id', '=', turn.digestId)
    .where((eb) => eb.or([eb('outcome', 'is', null), eb('outcome', '=', 'silent')]))
    .execute()
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

/** False: a person has decided it this very moment. */
const write = async (
  tx: Database,
  clock: Clock,
  item: Item,
  verdict: NewVerdict,
  by: 'luci' | 'person',
  turn: Turn | null,
): Promise<boolean> => {
  const house = by === 'luci' && turn?.profile === 'house'
  const row = {
    action: verdict.action,
    reason: house ? `House responder: ${verdict.reason}` : verdict.reason,
    decided_by: house ? 'fallback' : by,
    at: isoTime(clock.now()),
    performed_at: null,
  }
  const written = await tx.kysely
    .insertInto('verdicts')
    .values({ item_id: item.id, digest_id: item.digestId ?? '', ...row })
    .onConflict((conflict) => {
      const update = conflict.columns(['item_id', 'digest_id']).doUpdateSet(row)
      return by === 'person' ? update : update.where('verdicts.decided_by', '<>', 'person')
    })
    .executeTakeFirst()
  return (written.numInsertedOrUpdatedRows ?? 0n) > 0n
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
