import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { loadEnvironment, projectRoot } from '@mc/core/environment.ts'
import { Exit, USAGE } from './exit-code.ts'

/** As a person names it: from where they stand, while the setting's starts at the project. */
export const tasksFile = (given?: string): { path: string; name: string } => {
  if (given !== undefined) return { path: resolve(given), name: given }
  const path = resolve(projectRoot, loadEnvironment().MC_TASKS_FILE?.trim() || 'ops/tasks.yaml')
  const name = relative(projectRoot, path)
  return { path, name: name.startsWith('..') ? path : name }
}

/** Throws, in words, what keeps it from being read. */
export const readText = async (path: string, name: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Exit(
      USAGE,
      code === 'ENOENT' ? `There is no file ${name}.` : `${name} cannot be read (${code}).`,
    )
  }
}
