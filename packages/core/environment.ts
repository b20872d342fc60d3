import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Environment } from './config.ts'
import { AppError } from './errors.ts'

/** The project's folder, wherever a command was started from. */
export const projectRoot: string = join(import.meta.dirname, '..', '..')

/** How messages name a file: from the project's folder when it lies in it. */
export const nameOfFile = (path: string): string => {
  const name = relative(projectRoot, path)
  return name.startsWith('..') ? path : name
}

/**
 * What `main.ts` reads settings from: the environment, then `.env` beside package.json (or the
 * file that MC_ENV_FILE names) for what the environment leaves out. The file never enters `process.env`: children would inherit it.
 * Throws `invalid` when the file that MC_ENV_FILE names is not there.
 */
export const loadEnvironment = (root: string = projectRoot): Environment => {
  const named = process.env.MC_ENV_FILE
  try {
    const file = named ? resolve(root, named) : join(root, '.env')
    return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (!named) return { ...process.env }
    throw new AppError('invalid', 'The settings have 1 problem(s)', {
      problems: [`MC_ENV_FILE: expected a file with settings, but there is no "${named}"`],
      hint: 'Make that file, or leave MC_ENV_FILE unset to use .env beside package.json.',
      cause: error,
    })
  }
}
