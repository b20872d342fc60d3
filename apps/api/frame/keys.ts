import { nav } from './nav.ts'

/** The list of keys as it is shown by `?`. */
export const keys: { keys: string[]; does: string }[] = [
  { keys: ['Ctrl', 'K'], does: 'Go anywhere, do anything (⌘ K on a Mac)' },
  { keys: ['/'], does: 'Search' },
  { keys: ['c'], does: 'Write a ticket' },
  ...nav.flatMap(({ key, label }) => (key ? [{ keys: ['g', key], does: label }] : [])),
  { keys: ['j', 'k'], does: 'Next and previous in a list' },
  { keys: ['Enter'], does: 'Open it' },
  { keys: ['x'], does: 'Choose it, where rows have a box' },
  { keys: ['Alt', '1', '2', '3'], does: 'Pick what the composer does' },
  { keys: ['Ctrl', 'Enter'], does: 'Send (⌘ Enter on a Mac)' },
  { keys: ['↑'], does: 'In an empty composer: change the last waiting message' },
  { keys: ['F8'], does: 'Go to what Luci asks' },
  { keys: ['?'], does: 'This list' },
  { keys: ['Esc'], does: 'Close, or choose none' },
]
