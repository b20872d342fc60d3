import { delimiter, dirname, join, resolve } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'

/** Left behind by the package manager that ran us; no child of ours asks for it. */
const packageManagerNoise = /^(npm_|pnpm_|PNPM_|INIT_CWD$|NODE$|NODE_PATH$|COREPACK_)/

/** Below the project. package.json names it too, for `start` itself: Node reads it as it begins. */
const COMPILED = join('node_modules', '.cache', 'compiled')

/**
 * What the three processes are given: our own environment without the package manager's, the
 * port that was found free, and our Node and commands first on PATH. Each reads `.env` itself.
 */
export const childEnvironment = (from: NodeJS.ProcessEnv, port: number): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(from))
    if (!packageManagerNoise.test(name)) env[name] = value
  const own = [dirname(process.execPath), join(projectRoot, 'node_modules', '.bin')]
  const rest = (from.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !own.includes(folder) && !/[/\\](_npx|node-gyp-bin)([/\\]|$)/.test(folder))
  env.PATH = [...own, ...rest].join(delimiter)
  env.MC_PORT = String(port)
  // Stripped types and compiled code are kept: the second start takes half the time.
  env.NODE_COMPILE_CACHE = resolve(projectRoot, env.NODE_COMPILE_CACHE ?? COMPILED)
  return env
}
