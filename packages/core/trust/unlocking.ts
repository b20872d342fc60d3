import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createSettings } from '../settings/settings.ts'
import type { ActionClass, AutonomyMode } from './classes.ts'
import { createAutonomyHistory } from './history.ts'
import {
  CAP_MAX,
  capSetting,
  type FirstAutonomy,
  modeSetting,
  readAutonomy,
  type StoredMode,
} from './modes.ts'
import { classLabels } from './words.ts'

export type NewMode = {
  mode: AutonomyMode
  /** Of a class that was locked again: the record was seen. */
  seen?: boolean | undefined
  by: string
}

/**
 * A person unlocks a class or takes it back. The main switch is turned on with the first one,
 * unless a person has turned it off. Throws `conflict` for a class that was locked by corrections
 * until it is said that the record was seen.
 */
export const setMode = (
  db: Database,
  clock: Clock,
  first: FirstAutonomy,
  one: ActionClass,
  { mode, seen = false, by }: NewMode,
): Promise<void> =>
  db.transaction(async (tx) => {
    await lockName(tx, 'trust')
    const { main, mainByPerson, modes } = await readAutonomy(tx, first)
    const { locked } = modes[one]
    if (mode === 'trusted' && locked !== null && !seen)
      throw new AppError('conflict', `${classLabels[one]} was locked again, as ${locked}`, {
        hint: 'Look at its record first (mc autonomy show, or Settings), then say that you have: --seen.',
      })
    const settings = createSettings(tx, clock)
    // Only who says that the record was seen lifts a lock; taking it back does not.
    const keeps = mode === 'advisor' && locked !== null ? { locked } : {}
    await settings.set(modeSetting(one), { mode, ...keeps } satisfies StoredMode, by)
    if (mode === 'trusted' && main === 'advisor' && !mainByPerson)
      await settings.set('switch.autonomy', 'trusted', by)
    await createAutonomyHistory(tx, clock).note({
      class: one,
      kind: mode === 'trusted' ? 'unlocked' : 'advised',
      by,
      reason: null,
    })
  })

/** So many a day at most from now on; 0 stops it. */
export const setCap = (
  db: Database,
  clock: Clock,
  one: ActionClass,
  { cap, by }: { cap: number; by: string },
): Promise<void> =>
  db.transaction(async (tx) => {
    if (!Number.isInteger(cap) || cap < 0 || cap > CAP_MAX)
      throw new AppError('invalid', `Expected a whole number from 0 to ${CAP_MAX}, got ${cap}`)
    await createSettings(tx, clock).set(capSetting(one), cap, by)
    await createAutonomyHistory(tx, clock).note({
      class: one,
      kind: 'cap',
      by,
      reason: `${cap} a day`,
    })
  })
