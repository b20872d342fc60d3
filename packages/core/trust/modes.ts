import type { Database } from '@mc/db/database.ts'
import type { Switches } from '../settings/switches.ts'
import { type ActionClass, type AutonomyMode, actionClasses, autonomyModes } from './classes.ts'

/** What the environment says first, of the main switch and of the classes. */
export type FirstAutonomy = {
  switches: Pick<Switches, 'autonomy'>
  autonomy: { trusted: readonly ActionClass[] }
}

/** How a class stands. */
export type Mode = {
  mode: AutonomyMode
  from: 'environment' | 'person' | 'lock'
  /** Why it was locked by corrections; null: it is not. */
  locked: string | null
  setBy: string | null
  setAt: string | null
}
export type StoredMode = { mode: AutonomyMode; locked?: string }

/** So many a UTC day are done at once, the rest waits. */
export const firstCaps: Record<ActionClass, number> = {
  file_ticket: 20,
  delegate_low_risk: 10,
  delegate: 5,
  alert: 20,
  close: 20,
}
export const CAP_MAX = 1_000

export const modeSetting = (one: ActionClass): string => `autonomy.${one}`
export const capSetting = (one: ActionClass): string => `autonomy.cap.${one}`

export type Autonomy = {
  /** The main switch: `advisor` means nothing at once, whatever the classes say. */
  main: AutonomyMode
  /** Whether a person set it, and not the environment. */
  mainByPerson: boolean
  modes: Record<ActionClass, Mode>
  caps: Record<ActionClass, number>
}

/** All of it in one look at the settings. */
export const readAutonomy = async (db: Database, first: FirstAutonomy): Promise<Autonomy> => {
  const rows = await db.kysely
    .selectFrom('settings')
    .selectAll()
    .where('name', 'in', [
      'switch.autonomy',
      ...actionClasses.map(modeSetting),
      ...actionClasses.map(capSetting),
    ])
    .execute()
  const stored = new Map(rows.map((row) => [row.name, row]))
  const main = parsed<AutonomyMode>(stored.get('switch.autonomy')?.value)
  const mainByPerson = main !== null && autonomyModes.includes(main)
  return {
    main: mainByPerson ? main : first.switches.autonomy,
    mainByPerson,
    modes: byClass((one) => modeOf(stored.get(modeSetting(one)), first.autonomy.trusted, one)),
    caps: byClass((one) => parsed<number>(stored.get(capSetting(one))?.value) ?? firstCaps[one]),
  }
}

export const byClass = <T>(value: (one: ActionClass) => T): Record<ActionClass, T> =>
  Object.fromEntries(actionClasses.map((one) => [one, value(one)])) as Record<ActionClass, T>

type Row = { value: string; set_by: string; set_at: string }

const modeOf = (row: Row | undefined, trusted: readonly ActionClass[], one: ActionClass): Mode => {
  const stored = parsed<StoredMode>(row?.value)
  if (!row || !stored || !autonomyModes.includes(stored.mode))
    return {
      mode: trusted.includes(one) ? 'trusted' : 'advisor',
      from: 'environment',
      locked: null,
      setBy: null,
      setAt: null,
    }
  return {
    mode: stored.mode,
    from: stored.locked ? 'lock' : 'person',
    locked: stored.locked ?? null,
    setBy: row.set_by,
    setAt: row.set_at,
  }
}

const parsed = <T>(json: string | undefined): T | null =>
  json === undefined ? null : (JSON.parse(json) as T)
