import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '@mc/core/client/client.ts'
import type { Environment } from '@mc/core/config.ts'
import { loadEnvironment, projectRoot } from '@mc/core/environment.ts'
import { Exit, FORBIDDEN } from './exit-code.ts'

/** An agent in mid-turn waits for an api that restarts; a person is told at once. */
const AGENT_PATIENCE_MS = 30_000

export type Address = { url: string; dataDir: string; credentialFile: string; isAgent: boolean }

/**
 * Where the api is and which token to show. The five names are read here and not through the
 * whole configuration, whose checks cost more time than a call.
 */
export const readAddress = (env: Environment = loadEnvironment()): Address => {
  const dataDir = resolve(projectRoot, env.MC_DATA_DIR?.trim() || 'data')
  const host = env.MC_HOST?.trim() || '127.0.0.1'
  return {
    dataDir,
    url:
      env.MC_URL?.trim() ||
      `http://${host.includes(':') ? `[${host}]` : host}:${env.MC_PORT?.trim() || 4700}`,
    credentialFile: env.MC_CREDENTIAL?.trim() || join(dataDir, 'credentials', 'cli'),
    isAgent: Boolean(env.MC_CREDENTIAL?.trim()),
  }
}

export const connect = (turn: string | undefined): Client => {
  const { url, credentialFile, isAgent } = readAddress()
  return createClient({
    url,
    token: readToken(credentialFile),
    turn,
    patienceMs: isAgent ? AGENT_PATIENCE_MS : 0,
  })
}

const readToken = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Exit(
      FORBIDDEN,
      code === 'ENOENT'
        ? `There is no credential at ${path}.\nIt is made when Mission Control first starts: npx -y pnpm@12 start (and MC_DATA_DIR must be the same).`
        : `The credential ${path} cannot be read (${code}): run mc as the user that runs Mission Control.`,
    )
  }
}
