import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import { type Cap, type CostLimits, overCap, readCap, shareOf } from './cap.ts'
import { dayOf, type UsageKind } from './count.ts'
import { type Total, usageOfDigest, usageOfTicket } from './of-thing.ts'
import { type DaySum, type KindSum, noSum, sumOf, sumsOf } from './sums.ts'

/** From this share of the cap on, Home says how near it is. */
export const NEAR_CAP = 0.8
const DAY_MS = 86_400_000

export type Day = DaySum & { day: string; byKind: Partial<Record<UsageKind, DaySum>> }
export type Today = Day & {
  cap: Cap
  /** Of the cap; 1 is all of it, null without one. */
  share: number | null
  /** In words, when no digest and no worker is begun any more. */
  over: string | null
}

/** What tokens and money went to, by UTC days. `first`: the environment's cap. */
export const createCosts = (db: Database, clock: Clock, first: CostLimits) => {
  const days = async (count: number): Promise<Day[]> => {
    const now = clock.now().getTime()
    const names = Array.from({ length: count }, (_, back) =>
      dayOf(new Date(now - back * DAY_MS)),
    ).reverse()
    const sums = await sumsOf(db, { from: names[0] ?? '', to: names.at(-1) ?? '' })
    return names.map((day) => dayWith(day, sums))
  }
  const cap = (): Promise<Cap> => readCap(createSettings(db, clock), first)
  return {
    cap,
    /** Null: it told nothing. */
    ofTicket: (id: number): Promise<Total | null> => usageOfTicket(db, id),
    ofDigest: (id: string): Promise<Total | null> => usageOfDigest(db, id),
    /** The last days with today as the last, each of them, also where nothing was used. */
    days,
    async today(): Promise<Today> {
      const [[today = dayWith(dayOf(clock.now()), [])], inForce] = await Promise.all([
        days(1),
        cap(),
      ])
      return {
        ...today,
        cap: inForce,
        share: shareOf(today, inForce.limits),
        over: overCap(today, inForce.limits),
      }
    },
  }
}
export type Costs = ReturnType<typeof createCosts>

const dayWith = (day: string, sums: readonly KindSum[]): Day => {
  const ofDay = sums.filter((sum) => sum.day === day)
  return {
    ...(ofDay.length === 0 ? noSum : sumOf(ofDay)),
    day,
    byKind: Object.fromEntries(
      ofDay.map(({ day: _day, kind, ...sum }): [UsageKind, DaySum] => [kind, sum]),
    ),
  }
}
