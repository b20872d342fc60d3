import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/**
 * Where a program is, as the system would find it: a word is looked for in the folders of `path`,
 * what has a slash is a file, seen from `cwd`. Null when there is nothing that we may run.
 */
export const findProgram = (
  program: string,
  { path, cwd }: { path: string; cwd: string },
): string | null => {
  const places = program.includes('/')
    ? [program]
    : path
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, program))
  return places.map((place) => resolve(cwd, place)).find(isExecutable) ?? null
}

const isExecutable = (file: string): boolean => {
  // A folder may be entered, which is not to run it.
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false
    throw error
  }
}
