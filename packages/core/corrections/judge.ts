import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { recordVerdicts } from '../digest/verdicts.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { VerdictAction } from '../inbox/item.ts'
import { createCorrections } from './corrections.ts'

export type Judged = { item: number } & (
  | { status: 'recorded' | 'corrected' }
  | { status: 'refused'; reason: string }
)

/**
 * A person says what becomes of items, decided or not: what waits gets the verdict, what is settled
 * a correction. Each by itself, in the order given.
 */
export const judge = async (
  db: Database,
  clock: Clock,
  items: readonly number[],
  { action, note, by }: { action: VerdictAction; note?: string | undefined; by: string },
): Promise<Judged[]> => {
  const judged: Judged[] = []
  for (const item of new Set(items)) judged.push(await judgeOne(db, clock, item, action, note, by))
  return judged
}

const judgeOne = async (
  db: Database,
  clock: Clock,
  id: number,
  action: VerdictAction,
  note: string | undefined,
  by: string,
): Promise<Judged> => {
  const item = await createInbox(db, clock).find(id)
  if (!item) return { item: id, status: 'refused', reason: `There is no item ${id}` }
  if (item.status === 'pending' || item.status === 'claimed') {
    const reason = note || 'Decided by a person'
    const [result] = await recordVerdicts(db, clock, {
      by: 'person',
      verdicts: [{ item: id, action, reason }],
    })
    return result?.status === 'refused'
      ? { item: id, status: 'refused', reason: result.reason }
      : { item: id, status: 'recorded' }
  }
  try {
    await createCorrections(db, clock).correct(id, { right: action, ...(note ? { note } : {}) }, by)
    return { item: id, status: 'corrected' }
  } catch (error) {
    // Decided so already, or settled meanwhile: told for this one, the others go on.
    if (!(error instanceof AppError)) throw error
    return { item: id, status: 'refused', reason: error.message }
  }
}
