import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile, SessionFiles } from './profiles/profile.ts'
import { writeStarter } from './start-files.ts'
import type { Pane, Program } from './tmux.ts'

/** A program in the pane, from its start to its end, with the file that records it. */
export type Incarnation = {
  profile: Profile
  pane: Pane
  pid: number
  /** Path of the record; its name is what turns remember. */
  record: string
  recordName: string
}

/** Another command line is another program, even under the same name. */
export const signature = (profile: Profile): string =>
  JSON.stringify([profile.name, ...assignments(profile), ...profile.argv])

/** A file of its own for every start, so that no late byte of the last program gets into it. */
export const newRecord = (folder: string, profile: Profile): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const kind = profile.record === 'file' ? 'jsonl' : 'raw'
  return `record-${randomBytes(4).toString('hex')}.${kind}`
}

/** Once another program runs, what the ones before it wrote is of no use. */
export const dropOldRecords = (folder: string, newest: string): void => {
  for (const name of readdirSync(folder))
    if (/^record-.*\.(jsonl|raw)$/.test(name) && name !== newest)
      rmSync(join(folder, name), { force: true })
}

/** What tmux is to run. A program finds its record by the environment, or tmux writes it. */
export const programOf = (
  profile: Profile,
  { env, kept }: { env: Record<string, string>; kept: Record<string, string> },
  files: SessionFiles,
): Program => {
  const start = profile.start(files)
  return {
    // tmux sets TERM itself at new-session, so that it is set here, where its word is the last.
    argv: writeStarter(files.folder, { env: { ...kept, ...start.env }, argv: start.argv }),
    cwd: files.cwd,
    env: { ...env, MC_LUCI_RECORD: files.record },
    stream: profile.record === 'pane' ? files.record : null,
  }
}

const assignments = ({ env }: Pick<Profile, 'env'>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`)
