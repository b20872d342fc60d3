import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { CorrectionsTable } from '@mc/db/schema.ts'
import { type Selectable, sql } from 'kysely'
import { type Static, Type } from 'typebox'
import { type Clock, isoTime } from '../clock.ts'
import { recordVerdicts } from '../digest/verdicts.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import { type Item, type VerdictAction, verdictActions } from '../inbox/item.ts'
import { plain } from '../triage/outcome.ts'
import { covers } from '../triage/verdict.ts'

/** What a person says was right. */
export const NewCorrection = Type.Object(
  {
    right: Type.Enum(verdictActions, { description: 'What should have become of it' }),
    note: Type.Optional(
      Type.String({ maxLength: 1_000, description: 'Why; for who writes rules, and for Luci' }),
    ),
  },
  { additionalProperties: false },
)
export type NewCorrection = Static<typeof NewCorrection>

export type Correction = {
  id: number
  item: number
  /** What was decided before anybody corrected it. */
  verdict: VerdictAction
  right: VerdictAction
  /** `rule:<name>`, `luci`, `fallback` or `person`: whose decision was wrong. */
  decidedBy: string | null
  reason: string | null
  by: string
  note: string | null
  at: string
  /** When the same person said something else; null for what stands. */
  supersededAt: string | null
}

/**
 * "Wrong": a person says what should have become of a settled item. Kept for ever, counted against
 * who decided. What it asks for and was not done (a ticket, an alert) is done by pickup, as with
 * any verdict of a person; what was done is not taken back.
 */
export const createCorrections = (db: Database, clock: Clock) => ({
  /**
   * One stands per item and person; an earlier one stays in the history. Throws `not_found`, and
   * `conflict` while nothing is decided or when it was decided so.
   */
  correct: (
    itemId: number,
    { right, note }: NewCorrection,
    by: string,
  ): Promise<{ correction: Correction; raised: boolean }> =>
    db.transaction(async (tx) => {
      const item = await createInbox(tx, clock).find(itemId)
      if (!item) throw new AppError('not_found', `There is no item ${itemId}`)
      await lockName(tx, `correction:${itemId}`)
      const first = await firstOf(tx, itemId)
      const wrong = decided(item, first)
      if (wrong.verdict === right && !first)
        throw new AppError('conflict', `Item ${itemId} was decided so: ${right}`)
      const raised = await raise(tx, clock, item, right, note)
      const at = isoTime(clock.now())
      await tx.kysely
        .updateTable('corrections')
        .set({ superseded_at: at })
        .where('item_id', '=', itemId)
        .where('by', '=', by)
        .where('superseded_at', 'is', null)
        .execute()
      const row = await tx.kysely
        .insertInto('corrections')
        .values({
          item_id: itemId,
          verdict: wrong.verdict,
          right_verdict: right,
          decided_by: wrong.decidedBy,
          reason: wrong.reason,
          by,
          note: note ? plain(note) : null,
          at,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { correction: toCorrection(row), raised }
    }),

  /** Everything that was said of an item, oldest first. */
  async of(itemId: number): Promise<Correction[]> {
    const rows = await db.kysely
      .selectFrom('corrections')
      .selectAll()
      .where('item_id', '=', itemId)
      .orderBy('id')
      .execute()
    return rows.map(toCorrection)
  },

  /** Those that stand, newest first, made from `from` (included) to `to`, ISO times. */
  async between(from: string, to: string, limit = 100): Promise<Correction[]> {
    const rows = await db.kysely
      .selectFrom('corrections')
      .selectAll()
      .where('superseded_at', 'is', null)
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toCorrection).filter((one) => one.right !== one.verdict)
  },

  /** How many stand against each decision. Taken back ones (right after all) do not count. */
  async counts(): Promise<{ decidedBy: string; verdict: VerdictAction; items: number }[]> {
    const rows = await db.kysely
      .selectFrom('corrections')
      .select(['decided_by', 'verdict'])
      .select(sql<number>`count(distinct item_id)`.as('items'))
      .where('superseded_at', 'is', null)
      .whereRef('right_verdict', '<>', 'verdict')
      .groupBy(['decided_by', 'verdict'])
      .execute()
    return rows.map((row) => ({
      decidedBy: row.decided_by ?? '',
      verdict: row.verdict as VerdictAction,
      items: Number(row.items),
    }))
  },

  /** How often the same was said of the same trouble: what a rule of one's own could decide. */
  async alike(item: Item, right: VerdictAction): Promise<number> {
    if (!item.fingerprint && !item.sourceId) return 0
    const row = await db.kysely
      .selectFrom('corrections')
      .innerJoin('orchestrator_inbox', 'orchestrator_inbox.id', 'corrections.item_id')
      .select(sql<number>`count(distinct corrections.item_id)`.as('items'))
      .where('corrections.superseded_at', 'is', null)
      .where('corrections.right_verdict', '=', right)
      .where((eb) =>
        item.fingerprint
          ? eb('orchestrator_inbox.fingerprint', '=', item.fingerprint)
          : eb.and([
              eb('orchestrator_inbox.source_type', '=', item.source),
              eb('orchestrator_inbox.source_id', '=', item.sourceId),
              eb('orchestrator_inbox.kind', item.kind ? '=' : 'is', item.kind),
            ]),
      )
      .executeTakeFirstOrThrow()
    return Number(row.items)
  },
})

export type Corrections = ReturnType<typeof createCorrections>

/** The decision that is corrected: the first one, not what an earlier correction made of it. */
const decided = (
  item: Item,
  first: Correction | null,
): Pick<Correction, 'verdict' | 'decidedBy' | 'reason'> => {
  if (first) return first
  if (item.status !== 'processed' && item.status !== 'ignored')
    throw new AppError('conflict', `Item ${item.id} is not decided yet`, {
      hint: 'Decide it: mc inbox resolve <item> <action> --reason "…".',
    })
  return { verdict: item.verdict ?? 'silent', decidedBy: item.decidedBy, reason: item.reason }
}

const firstOf = async (tx: Database, itemId: number): Promise<Correction | null> => {
  const row = await tx.kysely
    .selectFrom('corrections')
    .selectAll()
    .where('item_id', '=', itemId)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row ? toCorrection(row) : null
}

/** Asks for what was not done. False when there is nothing to add. */
const raise = async (
  tx: Database,
  clock: Clock,
  item: Item,
  right: VerdictAction,
  note: string | undefined,
): Promise<boolean> => {
  if (covers(item.verdict ?? 'silent', right)) return false
  const reason = note ? `Corrected: ${plain(note)}` : 'Corrected by a person'
  const [result] = await recordVerdicts(tx, clock, {
    by: 'person',
    verdicts: [{ item: item.id, action: right, reason: reason.slice(0, 1_000) }],
  })
  return result?.status === 'recorded'
}

const toCorrection = (row: Selectable<CorrectionsTable>): Correction => ({
  id: row.id,
  item: row.item_id,
  verdict: row.verdict as VerdictAction,
  right: row.right_verdict as VerdictAction,
  decidedBy: row.decided_by,
  reason: row.reason,
  by: row.by,
  note: row.note,
  at: row.at,
  supersededAt: row.superseded_at,
})
