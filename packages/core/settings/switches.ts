import type { Config } from '../config.ts'
import type { Settings } from './settings.ts'

export type Switches = Config['switches']
export type SwitchName = keyof Switches

/** What each switch may be set to, the default first. */
export const switchChoices = {
  chat: ['persistent', 'off'],
  scheduler: ['inbox', 'direct', 'both'],
  pickup: ['orchestrate', 'rules', 'off'],
  autonomy: ['advisor', 'trusted'],
} as const satisfies { [Name in SwitchName]: readonly Switches[Name][] }

/** The switch as it stands now: what a person stored, or else the environment's value. */
export const readSwitch = async <Name extends SwitchName>(
  settings: Settings,
  first: Switches,
  name: Name,
): Promise<Switches[Name]> => {
  const stored = await settings.get<Switches[Name]>(`switch.${name}`)
  const known = stored && (switchChoices[name] as readonly string[]).includes(stored.value)
  return known ? stored.value : first[name]
}
