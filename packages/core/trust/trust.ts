import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type ActRecord, readRecords, recordOf } from '../acts/record.ts'
import { type Clock, isoTime } from '../clock.ts'
import { type ActionClass, type AutonomyMode, actionClasses } from './classes.ts'
import { decide, FREE_ALERTS, type Judged, type May } from './decide.ts'
import { type Held, whyHeld } from './held.ts'
import { createAutonomyHistory } from './history.ts'
import { byClass, type FirstAutonomy, type Mode, readAutonomy } from './modes.ts'
import { type PauseDeps, pause, resume } from './pause.ts'
import { shadowRun } from './shadow.ts'
import { type NewMode, setCap, setMode } from './unlocking.ts'

export type TrustDeps = {
  /** What the environment says first; a `Config` has both. */
  first: FirstAutonomy
  /** Why nothing is begun at all now; left out: only a pause counts. */
  held?: (db: Database, clock: Clock) => Promise<Held | null>
}

/** One class as a person decides on it. */
export type ClassView = Mode & {
  class: ActionClass
  /** Whether she does it at once now, if the day's number allows: unlocked, and the switch is on. */
  acts: boolean
  /** So many a UTC day at most, and how many it were today. */
  cap: number
  used: number
  /** So many a day go without unlocking. */
  free: number
  /** Of the last 90 days. */
  record: ActRecord
}

export type AutonomyView = {
  main: AutonomyMode
  held: Held | null
  classes: ClassView[]
}

/** Fewer say nothing: whoever unlocks is told so. */
export const RECORD_MIN = 10

/** What Luci may do by herself, and the record that a person decides it on. */
export const createTrust = (db: Database, clock: Clock, { first, held = whyHeld }: TrustDeps) => {
  const view = async (): Promise<AutonomyView> => {
    const [{ main, modes, caps }, stands, used, records] = await Promise.all([
      readAutonomy(db, first),
      held(db, clock),
      usedToday(db, clock),
      readRecords(db, clock),
    ])
    const classes = actionClasses.map((one) => ({
      class: one,
      ...modes[one],
      acts: main === 'trusted' && modes[one].mode === 'trusted',
      cap: caps[one],
      used: used[one],
      free: one === 'alert' && modes[one].locked === null ? FREE_ALERTS : 0,
      record: records.get(one) ?? recordOf([]),
    }))
    return { main, held: stands, classes }
  }

  return {
    /**
     * Whether Luci may do all of it at once in this turn; `classes` has one entry per step and
     * class. Ask inside the transaction that does it, given as `tx`: then no two go through under
     * one cap.
     */
    may: async (classes: readonly ActionClass[], turn: Judged, tx: Database = db): Promise<May> => {
      if (tx.inTransaction) await lockName(tx, 'trust')
      const facts = {
        ...(await readAutonomy(tx, first)),
        held: await held(tx, clock),
        used: await usedToday(tx, clock),
      }
      return decide(classes, turn, facts)
    },

    /** Everything a person decides it on, in one look. */
    view,
    classes: async (): Promise<ClassView[]> => (await view()).classes,

    /** Null: Luci and her workers may begin something by themselves. */
    held: () => held(db, clock),

    /** See unlocking.ts, also of the next. */
    set: (one: ActionClass, what: NewMode): Promise<void> => setMode(db, clock, first, one, what),
    setCap: (one: ActionClass, what: { cap: number; by: string }): Promise<void> =>
      setCap(db, clock, one, what),

    /** See pause.ts, also of the next. */
    pause: (
      what: { reason?: string; workers?: boolean; by: string },
      deps: PauseDeps,
      tx: Database = db,
    ) => pause(tx, clock, deps, what),
    resume: (by: string, tx: Database = db) => resume(tx, clock, by),

    /** What was unlocked, locked, paused and resumed, newest first. */
    history: (limit?: number) => createAutonomyHistory(db, clock).list(limit),

    /** Under these classes, or those that are unlocked now: see shadow.ts. */
    async shadow({ days, trusted }: { days: number; trusted?: readonly ActionClass[] }) {
      const { caps, modes } = await readAutonomy(db, first)
      const unlocked = actionClasses.filter((one) => modes[one].mode === 'trusted')
      return shadowRun(db, clock, { days, policy: { trusted: trusted ?? unlocked, caps } })
    },
  }
}

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
