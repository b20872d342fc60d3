import { createHash } from 'node:crypto'
import type { Prompt } from '../turns/turn.ts'
import { type About, STOP } from './profiles/profile.ts'
import type { Menu, Screen } from './profiles/screen.ts'
import { visible } from './tmux-words.ts'

/* What she asks, as it stands on her screen: pure. See asking.ts for how it is answered. */

/** Keys that a person may choose where nobody knows what the screen wants. */
export const rawKeys: Readonly<Record<string, { label: string; hex: string }>> = {
  'key:enter': { label: 'Press Enter', hex: '0d' },
  'key:up': { label: 'Press ↑', hex: '1b 5b 41' },
  'key:down': { label: 'Press ↓', hex: '1b 5b 42' },
  'key:escape': { label: 'Press Escape', hex: '1b' },
}

/** So many characters of a command tell it from another; a dialog may cut it or break its lines. */
const COMMAND_SEEN = 30

/** More of a screen than that is not shown. */
const TEXT_MAX = 4_000

/**
 * The question on the screen; null when it shows none. `scope` keeps one apart from the next that
 * has the same words: the turn, and how many were answered in it. `about`: what a hook told of it.
 */
export const promptOf = (shows: Screen, scope: string, about: About | null): Prompt | null => {
  // An empty picture asks nothing: its program has not drawn yet.
  if (shows.type === 'input' || (shows.type === 'unknown' && shows.text.trim() === '')) return null
  const inTurn = !scope.startsWith('session:')
  const stop = inTurn ? [{ id: STOP, label: 'Stop it' }] : []
  if (shows.type === 'unknown') {
    const keys = Object.entries(rawKeys).map(([id, { label }]) => ({ id, label }))
    const text = shows.text.slice(-TEXT_MAX)
    return { id: idOf(scope, text), kind: 'unknown', text, choices: [...keys, ...stop] }
  }
  const { menu } = shows
  const told = about && isAbout(about, menu) ? about : null
  return {
    id: idOf(scope, wordsOf(menu)),
    kind: told?.kind ?? menu.kind,
    text: menu.text.slice(-TEXT_MAX),
    command: told?.command ?? null,
    folder: told?.folder ?? null,
    choices: [...menu.options.map(({ label }, at) => ({ id: String(at + 1), label })), ...stop],
  }
}

/** A hook may tell of a question that stands behind this one: a command must be seen in it. */
const isAbout = ({ command }: About, menu: Menu): boolean =>
  !command || visible(menu.text).includes(visible(command).slice(0, COMMAND_SEEN))

/** Whether both are the same question, whatever is selected in it. */
export const isSameMenu = (a: Menu, b: Menu): boolean => wordsOf(a) === wordsOf(b)

/** The arrow keys, as hex, that bring the selection to the option; '' when it is there. */
export const keysTo = ({ options, axis }: Menu, wanted: number): string => {
  const at = options.findIndex(({ selected }) => selected)
  const [back, on] = axis === 'vertical' ? ['1b 5b 41', '1b 5b 42'] : ['1b 5b 44', '1b 5b 43']
  const steps = wanted - Math.max(at, 0)
  return Array.from({ length: Math.abs(steps) }, () => (steps < 0 ? back : on)).join(' ')
}

const wordsOf = ({ text, options }: Menu) =>
  JSON.stringify([text, ...options.map(({ label }) => label)])

const idOf = (scope: string, text: string) =>
  createHash('sha256').update(`${scope}\n${text}`).digest('hex').slice(0, 12)
