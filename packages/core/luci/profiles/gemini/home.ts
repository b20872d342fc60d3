import { lstatSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What belongs to a session: its settings, its conversations and what else it keeps of its own. */
const own = ['settings.json', 'tmp', 'history', 'projects.json', 'state.json']

/**
 * Makes everything else of the person's folder (sign-in, key, trust, extensions, commands, context)
 * stand in the session's. What the program wrote here itself stays, e.g. a trust given in her pane.
 */
export const linkHome = (folder: string, person: string): void => {
  for (const name of readdirSync(folder))
    if (lstatSync(join(folder, name)).isSymbolicLink()) unlinkSync(join(folder, name))
  const kept = new Set([...own, ...readdirSync(folder)])
  for (const name of namesIn(person))
    if (!kept.has(name)) symlinkSync(join(person, name), join(folder, name))
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
