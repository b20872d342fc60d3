import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Environment } from './config.ts'

/** The project's folder, wherever a command was started from. */
export const projectRoot: string = join(import.meta.dirname, '..', '..')

/**
 * What `main.ts` reads settings from: the environment, then `.env` beside package.json (or the
 * file that MC_ENV_FILE names) for what the environment leaves out. The file never enters `process.env`: children would inherit it.
 */
export const loadEnvironment = (root: string = projectRoot): Environment => {
  try {
    const file = process.env.MC_ENV_FILE || join(root, '.env')
    return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ...process.env }
    throw error
  }
}
