import { lstatSync, mkdirSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What belongs to a session: its settings, its conversations and what else it keeps of its own. */
const own = ['settings.json', 'tmp', 'history', 'projects.json', 'state.json']
/** Beside the program's folder in a home: skills that agents share, and variables. */
const beside = ['.agents', '.env']

/**
 * Makes everything else of the person's (sign-in, key, trust, extensions, commands, context) stand
 * in the session's home. What the program wrote there itself stays, e.g. a trust given in her pane.
 */
export const linkHome = (home: string, person: string): void => {
  const folder = join(home, '.gemini')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  link(folder, join(person, '.gemini'), (name) => !own.includes(name))
  link(home, person, (name) => beside.includes(name))
}

const link = (folder: string, person: string, wanted: (name: string) => boolean): void => {
  for (const name of readdirSync(folder))
    if (lstatSync(join(folder, name)).isSymbolicLink()) unlinkSync(join(folder, name))
  const there = new Set(readdirSync(folder))
  for (const name of namesIn(person))
    if (wanted(name) && !there.has(name)) symlinkSync(join(person, name), join(folder, name))
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    // Somebody who never ran it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
