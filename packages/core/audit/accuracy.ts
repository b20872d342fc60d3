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
  /** Both views of the same numbers, read once. */
  const both = async (): Promise<{ byDecider: Accuracy[]; byVerdict: Accuracy[] }> => {
    const [decisions, corrections] = await Promise.all([
      createTally(db, clock).decisions(),
      createCorrections(db, clock).counts(),
    ])
    return {
      byDecider: accuracyOf('decidedBy', decisions, corrections),
      byVerdict: accuracyOf('verdict', decisions, corrections),
    }
  }
  return {
    both,
    /** `rule:<name>`, `luci`, `fallback`, `person`, most decisions first. */
    byDecider: async () => (await both()).byDecider,
    /** silent, ticket, alert, alert+ticket. */
    byVerdict: async () => (await both()).byVerdict,
  }
}

type Decisions = readonly { decidedBy: string; verdict: string; items: number }[]

const accuracyOf = (
  name: 'decidedBy' | 'verdict',
  decisions: Decisions,
  corrections: Decisions,
): Accuracy[] => {
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

const shareOf = (decided: number, corrected: number): number | null =>
  decided === 0 ? null : Math.max(0, Math.round((1 - corrected / decided) * 10_000) / 100)
