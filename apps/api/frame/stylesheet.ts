import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the order of the cascade: of two equal rules the later one holds, so a sheet's place counts. */
export const sheets: readonly string[] = [
  // What everything stands on.
  'tokens',
  'base',
  'top',
  'frame',
  'pieces',
  'states',
  'notices',
  'controls',
  'prose',
  // Home, and the conversation on it.
  'home',
  'thread',
  'code',
  'files',
  'questions',
  'dock',
  'watch',
  'composer',
  // One page each, and what several of them share.
  'board',
  'menus',
  'bulk',
  'search',
  'ticket',
  'items',
  'inbox',
  'report',
  'schedules',
  'costs',
  'task',
  'pop',
  'tables',
  'settings',
  'ask',
  'keys',
  'palette',
  'alone',
  'alerts',
  'graph',
  'proposals',
  'acts',
  // What the window, the person and the browser change of all that.
  'narrow',
  'motion',
  'keyboard',
  'script',
]

/** One text of them all: a browser waits for a single file before it paints. */
export const readStylesheet = (folder: string): string =>
  sheets.map((name) => readFileSync(join(folder, `${name}.css`), 'utf8')).join('\n')
