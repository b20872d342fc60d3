import type { Settings } from '@mc/core/settings/settings.ts'
import {
  readSwitch,
  type Switches,
  type SwitchName,
  switchChoices,
} from '@mc/core/settings/switches.ts'

export type SwitchView = {
  name: SwitchName
  value: string
  /** Whose word it is that stands. */
  from: 'environment' | 'person'
  choices: string[]
}

export const viewSwitch = async (
  settings: Settings,
  first: Switches,
  name: SwitchName,
): Promise<SwitchView> => {
  const stored = await settings.get<string>(`switch.${name}`)
  const choices: readonly string[] = switchChoices[name]
  return {
    name,
    value: await readSwitch(settings, first, name),
    from: stored && choices.includes(stored.value) ? 'person' : 'environment',
    choices: [...choices],
  }
}

export const viewSwitches = (settings: Settings, first: Switches): Promise<SwitchView[]> =>
  Promise.all(
    (Object.keys(switchChoices) as SwitchName[]).map((name) => viewSwitch(settings, first, name)),
  )
