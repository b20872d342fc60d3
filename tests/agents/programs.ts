import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import versions from './versions.json' with { type: 'json' }

/** The agent programs that the product has a profile for. */
export const programs = ['claude', 'codex', 'opencode', 'gemini'] as const
export type Program = (typeof programs)[number]

export const isProgram = (name: string | undefined): name is Program =>
  programs.includes(name as Program)

/** The npm packages of a program and their pinned versions; its own is the first. */
export const packagesOf = (program: Program): Record<string, string> => versions[program]

/** The version that `program --version` must tell. */
export const versionOf = (program: Program): string =>
  Object.values(packagesOf(program))[0] as string

/**
 * Where the installed programs are kept, outside the checkout: MC_AGENTS_CACHE, or the person's
 * cache; one folder for each set of versions.
 */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const base =
    env.MC_AGENTS_CACHE ??
    join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mission-control', 'agents')
  const platform = `${process.platform}-${process.arch}`
  const hash = createHash('sha256')
    .update(JSON.stringify([versions, platform]))
    .digest('hex')
  return join(base, hash.slice(0, 12))
}

/** The `node_modules` a program was installed into, whether it is there or not. */
export const modulesOf = (program: Program, cache: string = cacheFolder()): string =>
  join(cache, program, 'node_modules')

export const binOf = (program: Program, cache: string = cacheFolder()): string =>
  join(modulesOf(program, cache), '.bin', program)
