import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { createCorrections } from '../corrections/corrections.ts'
import { createTally } from './tally.ts'

export type Accuracy = {
  /** The rule, Luci, the fallback table or a person; or the verdict. */
  of: string
  /** Items it decided, those that are long gone among them. */
  decided: number
  /** Of these, how many a person called wrong. */
  corrected: number
  /** Of a hundred decisions so many were not called wrong, two decimals; null before the first. */
  right: number | null
}

/**
 * How often whoever decides was not corrected. Nobody looks at every silent item, so this is what
 * a person noticed, not what is true.
 */
export const createAccuracy = (db: Database, clock: Clock) => {
  const of = async (name: 'decidedBy' | 'verdict'): Promise<Accuracy[]> => {
    const [decisions, corrections] = await Promise.all([
      createTally(db, clock).decisions(),
      createCorrections(db, clock).counts(),
    ])
    const sums = new Map<string, { decided: number; corrected: number }>()
    const sum = (key: string) => {
      const found = sums.get(key) ?? { decided: 0, corrected: 0 }
      sums.set(key, found)
      return found
    }
    for (const one of decisions) if (one[name]) sum(one[name]).decided += one.items
    for (const one of corrections) if (one[name]) sum(one[name]).corrected += one.items
    return [...sums]
      .map(([key, { decided, corrected }]) => ({
        of: key,
        decided,
        corrected,
        right: shareOf(decided, corrected),
      }))
      .sort((a, b) => b.decided - a.decided || (a.of < b.of ? -1 : 1))
  }
  return {
    /** `rule:<name>`, `luci`, `fallback`, `person`, most decisions first. */
    byDecider: () => of('decidedBy'),
    /** silent, ticket, alert, alert+ticket. */
    byVerdict: () => of('verdict'),
  }
}

const shareOf = (decided: number, corrected: number): number | null =>
  decided === 0 ? null : Math.max(0, Math.round((1 - corrected / decided) * 10_000) / 100)
