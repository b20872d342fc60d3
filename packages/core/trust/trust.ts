import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Turn } from '../turns/turn.ts'
import { type ActionClass, actionClasses } from './classes.ts'
import { decide, type May } from './decide.ts'
import { type Held, whyHeld } from './held.ts'
import { byClass, type FirstAutonomy, readAutonomy } from './modes.ts'

export type TrustDeps = {
  /** What the environment says first; a `Config` has both. */
  first: FirstAutonomy
  /** Why nothing is begun at all now; left out: only a pause counts. */
  held?: (db: Database, clock: Clock) => Promise<Held | null>
}

/** What Luci may do by herself, and the record that a person decides it on. */
export const createTrust = (db: Database, clock: Clock, { first, held = whyHeld }: TrustDeps) => ({
  /**
   * Whether Luci may do all of it at once in this turn; `classes` has one entry per step and class.
   * Ask inside the transaction that does it, given as `tx`: then no two go through under one cap.
   */
  may: async (
    classes: readonly ActionClass[],
    turn: Pick<Turn, 'origin' | 'evidence'>,
    tx: Database = db,
  ): Promise<May> => {
    if (tx.inTransaction) await lockName(tx, 'trust')
    const facts = {
      ...(await readAutonomy(tx, first)),
      held: await held(tx, clock),
      used: await usedToday(tx, clock),
    }
    return decide(classes, turn, facts)
  },
})

export type Trust = ReturnType<typeof createTrust>

/** Done by herself since midnight UTC: at once by trust; of alerts, the free ones as well. */
const usedToday = async (db: Database, clock: Clock): Promise<Record<ActionClass, number>> => {
  const midnight = `${isoTime(clock.now()).slice(0, 10)}T00:00:00.000Z`
  const rows = await db.kysely
    .selectFrom('acts')
    .select(['class', (eb) => eb.fn.countAll<number>().as('count')])
    .where('class', 'in', [...actionClasses])
    .where('created_at', '>=', midnight)
    .where('state', '=', 'done')
    .where((eb) => eb.or([eb('at_once', '=', 1), eb('class', '=', 'alert')]))
    .groupBy('class')
    .execute()
  const counts = new Map(rows.map((row) => [row.class, Number(row.count)]))
  return byClass((one) => counts.get(one) ?? 0)
}
