import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { ActionClass } from '../trust/classes.ts'

/** So far back: what she was like last year says little, and the page stays fast. */
export const RECORD_DAYS = 90

/** What became of all that Luci wanted to do in one class. */
export type ActRecord = {
  /** Put before a person, whatever became of it. */
  proposed: number
  waiting: number
  accepted: number
  edited: number
  refused: number
  parked: number
  /** Done by herself, as the class was trusted. */
  atOnce: number
  /** Done because a person’s message asked for it. */
  asked: number
  undone: number
  wrong: number
  /**
   * Of a hundred that a person judged or let stand so many were as they wanted them: accepted
   * unchanged or done at once, and not objected to since. Null before the first.
   */
  right: number | null
}

type Counted = { state: string; at_once: number; correction: string | null; count: number }

/** Of the last 90 days, each class that has any; from the index `acts_record` alone. */
export const readRecords = async (
  db: Database,
  clock: Clock,
  days = RECORD_DAYS,
): Promise<Map<ActionClass, ActRecord>> => {
  const since = isoTime(new Date(clock.now().getTime() - days * 86_400_000))
  const rows = await db.kysely
    .selectFrom('acts')
    .select(['class', 'state', 'at_once', 'correction', sql<number>`count(*)`.as('count')])
    .where('created_at', '>=', since)
    .groupBy(['class', 'state', 'at_once', 'correction'])
    .execute()
  const byClass = new Map<ActionClass, Counted[]>()
  for (const row of rows) {
    const one = row.class as ActionClass
    byClass.set(one, [...(byClass.get(one) ?? []), { ...row, count: Number(row.count) }])
  }
  return new Map([...byClass].map(([one, counted]) => [one, recordOf(counted)]))
}

export const recordOf = (counted: readonly Counted[]): ActRecord => {
  const count = (test: (one: Counted) => boolean) =>
    counted.filter(test).reduce((sum, one) => sum + one.count, 0)
  const state = (name: string) => count((one) => one.state === name)
  const judged = count((one) => atStake.includes(one.state) || isAtOnce(one))
  const fine = count(
    (one) => one.correction === null && (one.state === 'accepted' || isAtOnce(one)),
  )
  return {
    proposed: count((one) => one.state !== 'done'),
    waiting: state('proposed'),
    accepted: state('accepted'),
    edited: state('edited'),
    refused: state('refused'),
    parked: state('parked'),
    atOnce: count(isAtOnce),
    asked: count((one) => one.state === 'done' && one.at_once === 0),
    undone: count((one) => one.correction === 'undone'),
    wrong: count((one) => one.correction === 'wrong'),
    right: judged === 0 ? null : Math.round((fine / judged) * 100),
  }
}

const isAtOnce = (one: Counted): boolean => one.state === 'done' && one.at_once === 1

/** Of these a person has said what they think; parked and superseded say nothing of it. */
const atStake: readonly string[] = ['accepted', 'edited', 'refused']
