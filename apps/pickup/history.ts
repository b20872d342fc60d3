import { toldStates } from '@mc/core/alerts/alert.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { fingerprintFor, outcomeOf } from '@mc/core/triage/outcome.ts'
import { streakOf } from '@mc/core/triage/streak.ts'
import type { Database } from '@mc/db/database.ts'

/**
 * Which troubles a person has been alerted to: by an alert that is not over, or by one that is
 * about to be raised in the same round. A task's unbroken failures are one trouble.
 */
export const createTold = (db: Database) => {
  const now = new Set<string>()
  const namesOf = (item: Item): string[] => {
    const { task } = outcomeOf(item)
    return [fingerprintFor(item), ...(task ? [`task:${task}`] : [])]
  }
  return {
    add: (item: Item): void => {
      for (const name of namesOf(item)) now.add(name)
    },
    has: async (item: Item): Promise<boolean> => {
      if (namesOf(item).some((name) => now.has(name))) return true
      const alert = await db.kysely
        .selectFrom('alerts')
        .select('id')
        .where('fingerprint', 'in', await streakOf(db, item, fingerprintFor(item)))
        .where('state', 'in', toldStates)
        .limit(1)
        .executeTakeFirst()
      return alert !== undefined
    },
  }
}
