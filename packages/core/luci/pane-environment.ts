import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from '../config.ts'
import { projectRoot } from '../environment.ts'

/** What the agent may know of our environment. A tmux server hands its whole own one to its panes. */
const allowed = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'TZ', 'TMPDIR', 'TMUX_TMPDIR', 'PATH', 'LANG']

/**
 * The environment of the tmux server and its pane: an allow-list, where the api is, where the
 * agent's credential lies (its path, never the token), and a PATH that begins with `mc` alone.
 */
export const paneEnvironment = (
  env: Environment,
  { dataDir, apiUrl }: { dataDir: string; apiUrl: string },
): Record<string, string> => {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (allowed.includes(entry[0]) || entry[0].startsWith('LC_')),
  )
  return {
    // Without one, programs take wide characters for single bytes.
    LANG: 'C.UTF-8',
    ...Object.fromEntries(kept),
    PATH: [join(dataDir, 'luci', 'bin'), env.PATH ?? '/usr/bin:/bin'].join(delimiter),
    MC_URL: apiUrl,
    MC_CREDENTIAL: join(dataDir, 'credentials', 'agent'),
  }
}

/** Puts `mc`, and nothing else, into a folder of its own. */
export const installCommand = (dataDir: string, apiUrl: string): void => {
  const folder = join(dataDir, 'luci', 'bin')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'mc')
  const main = join(projectRoot, 'apps', 'mc', 'main.ts')
  // Where the api is now: a program may have been started under another port.
  writeFileSync(
    path,
    `#!/bin/sh\nexport MC_URL=${word(apiUrl)}\nexec ${word(process.execPath)} ${word(main)} "$@"\n`,
  )
  chmodSync(path, 0o755)
}

const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
