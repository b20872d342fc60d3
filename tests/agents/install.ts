import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, type Program, packagesOf, versionOf } from './programs.ts'

const run = promisify(execFile)

export type Installed =
  | { program: Program; status: 'ready'; tookMs: number }
  /** `why` is for a person: what could not be installed, and what npm said. */
  | { program: Program; status: 'missing'; why: string }

/**
 * Makes sure that the pinned version of a program lies in the cache, and says what is missing
 * otherwise. Each program is installed into a folder with a temp name and renamed when it
 * answers with its version, so that a folder with the right name is whole; two at once do no harm.
 */
export const install = async (
  program: Program,
  { cache = cacheFolder(), say = () => {} }: { cache?: string; say?: (text: string) => void } = {},
): Promise<Installed> => {
  const began = performance.now()
  const folder = join(cache, program)
  if (existsSync(folder)) return { program, status: 'ready', tookMs: 0 }
  say(`Installing ${specsOf(program).join(' ')} …`)
  await mkdir(cache, { recursive: true })
  const attempt = await mkdtemp(join(cache, `.${program}-`))
  try {
    await npmInstall(program, attempt)
    await checkVersion(program, join(attempt, 'node_modules', '.bin', program))
    await moveInto(attempt, folder)
    return { program, status: 'ready', tookMs: Math.round(performance.now() - began) }
  } catch (error) {
    return { program, status: 'missing', why: whyOf(program, error) }
  } finally {
    await rm(attempt, { recursive: true, force: true })
  }
}

/** What these packages' install scripts do, without npm's leave to run any script of anybody. */
const finishing: Partial<Record<Program, string>> = {
  claude: '@anthropic-ai/claude-code/install.cjs',
  opencode: 'opencode-ai/postinstall.mjs',
}

const npmInstall = async (program: Program, folder: string): Promise<void> => {
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: packagesOf(program) }),
  )
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', ['install', ...flags], { cwd: folder, env: npmEnvironment() })
  const script = finishing[program]
  if (script) await run(process.execPath, [join(folder, 'node_modules', script)], { cwd: folder })
}

/** npm is run by the project's own Node: under an older one it takes older versions, silently. */
const npmEnvironment = (): NodeJS.ProcessEnv => {
  // What pnpm sets for its scripts is not meant for npm, which warns of every word of it.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|MC_|TAP)/.test(name) || name === 'npm_config_registry',
  )
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  }
}

const checkVersion = async (program: Program, bin: string): Promise<void> => {
  const home = await mkdtemp(join(dirname(dirname(dirname(bin))), 'home-'))
  const PATH = [dirname(process.execPath), '/usr/local/bin:/usr/bin:/bin'].join(delimiter)
  const { stdout } = await run(bin, ['--version'], { env: { HOME: home, PATH }, timeout: 60_000 })
  await rm(home, { recursive: true, force: true })
  if (!stdout.includes(versionOf(program)))
    throw new Error(`Expected version ${versionOf(program)}, got "${stdout.trim()}"`)
}

/** Another process may have been quicker; its folder is as good. */
const moveInto = async (attempt: string, folder: string): Promise<void> => {
  try {
    await rename(attempt, folder)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

const specsOf = (program: Program): string[] =>
  Object.entries(packagesOf(program)).map(([name, version]) => `${name}@${version}`)

const whyOf = (program: Program, error: unknown): string => {
  const { stderr, message } = error as Error & { stderr?: string }
  const said = stderr?.trim().split('\n').slice(0, 6).join('\n') || message
  return `${specsOf(program).join(' ')} could not be installed:\n${said}`
}
