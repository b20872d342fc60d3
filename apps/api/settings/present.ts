import type { SwitchName } from '@mc/core/settings/switches.ts'
import type { Theme } from '../frame/theme.ts'
import type { SwitchView } from './switches.ts'

type Words = { label: string; about: string; choices: Record<string, string> }

const words: Record<SwitchName, Words> = {
  chat: {
    label: 'Chat',
    about: 'Whether the composer’s chat goes to Luci.',
    choices: { persistent: 'To the persistent session', off: 'Off' },
  },
  scheduler: {
    label: 'Scheduler outcomes',
    about: 'Where the outcome of a scheduled task goes.',
    choices: {
      inbox: 'To the inbox',
      direct: 'Directly to Telegram and tickets, as before',
      both: 'Both, never told twice',
    },
  },
  pickup: {
    label: 'Pickup',
    about: 'Who decides what becomes of an item.',
    choices: {
      orchestrate: 'Rules first, then Luci',
      rules: 'Rules and the fallback table alone',
      off: 'Nobody: the inbox is not drained',
    },
  },
  autonomy: {
    label: 'Autonomy',
    about: 'What Luci may do without asking.',
    choices: { advisor: 'Advise: you click', trusted: 'Act in classes you unlocked' },
  },
}

export const presentSwitch = (view: SwitchView) => ({
  ...view,
  ...words[view.name],
  options: view.choices.map((id) => ({
    id,
    label: words[view.name].choices[id] ?? id,
    selected: id === view.value,
  })),
  source:
    view.from === 'person'
      ? 'Set by you on this page'
      : `From the environment (MC_${view.name.toUpperCase()}) or its default`,
})

/** What a person is told when they set a switch. */
export const switchNotice = (view: SwitchView): string => {
  const { label, choices } = words[view.name]
  const choice = choices[view.value] ?? view.value
  return view.from === 'person'
    ? `${label}: now “${choice}”`
    : `${label}: “${choice}” again, as the environment has it`
}

export const themeChoices: { id: Theme; label: string }[] = [
  { id: 'system', label: 'As the system has it' },
  { id: 'light', label: 'Light' },
  { id: 'dark', label: 'Dark' },
]
