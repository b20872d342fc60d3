import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../config.ts'
import { credentialFile } from '../credentials/files.ts'
import { projectRoot } from '../environment.ts'
import type { Profile, SessionFiles } from './profiles/profile.ts'

/** Her job, as every program is told it. */
const briefPath = join(projectRoot, 'ops', 'luci.md')

/**
 * One line for the record, from a hook's stdin, or from its first argument (Codex). A JSON text has
 * no newline of its own; text and newline go in one write, so that no other hook's come between.
 */
const hookScript = `#!/bin/sh
if [ $# -gt 0 ]; then line=$(printf '%s' "$1" | tr -d '\\n'); else line=$(tr -d '\\n'); fi
[ -n "$MC_LUCI_RECORD" ] || exit 0
printf '%s' "$line
" >> "$MC_LUCI_RECORD"
exit 0
`

/** Writes what every start needs, and says where all is that a profile's start may use. */
export const sessionFiles = (of: {
  dataDir: string
  cwd: string
  env: Record<string, string>
  record: string
  apiUrl: string
  conversation: string | null
}): SessionFiles => {
  const folder = join(of.dataDir, 'luci')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const hook = join(folder, 'hook')
  writeFileSync(hook, hookScript)
  chmodSync(hook, 0o700)
  return {
    folder,
    hook,
    cwd: of.cwd,
    env: of.env,
    record: of.record,
    brief: { path: briefPath, text: readFileSync(briefPath, 'utf8') },
    mcp: mcpOf(of),
    conversation: of.conversation,
  }
}

const mcpOf = ({ dataDir, apiUrl }: { dataDir: string; apiUrl: string }): SessionFiles['mcp'] => {
  const path = credentialFile(dataDir, 'agent')
  if (!existsSync(path)) return null
  return { url: `${apiUrl}/mcp`, token: readFileSync(path, 'utf8').trim() }
}

/**
 * A script that gives her program its environment and becomes it. Not by arguments: those of a
 * tmux server stand in the list of processes, for everybody to read, as long as it lives.
 */
export const writeStarter = (
  folder: string,
  { env, argv }: { env: Record<string, string>; argv: readonly string[] },
): string[] => {
  const path = join(folder, 'start')
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${word(value)}\n`)
  rmSync(path, { force: true })
  writeFileSync(path, `${exports.join('')}exec ${argv.map(word).join(' ')}\n`, { mode: 0o600 })
  return ['sh', path]
}

const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** What of our own environment her program needs for itself, e.g. where its model answers. */
export const keptFor = ({ keeps }: Profile, own: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(own).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && keeps.some((name) => name.test(entry[0])),
    ),
  )
