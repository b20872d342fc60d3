import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { binOf, type Program } from '../programs.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'

/** What the home of a person who uses a program is made from. */
export type Place = {
  /** The home itself. */
  home: string
  /** Where the scripted model answers, without a path. */
  modelUrl: string
  /** The folder that the person works in, and trusts. */
  cwd: string
  /** The folder is new to the program, and where it asks for one, the key too. */
  strange: boolean
}

/** Files of a home by their path in it; an object is written as JSON. */
export type Files = Record<string, string | object>

export type Home = {
  files(place: Place): Files
  /** Files and folders of the cache that the program finds in its home. */
  links?: () => Record<string, string>
  /** What a person who never configured the program sets to reach the model. */
  fresh(place: Pick<Place, 'modelUrl'>): Record<string, string>
}

const homes: Record<Program, Home> = { claude, codex, opencode, gemini }

/**
 * An isolated home for a program: as a person who uses it has it, or `fresh` without any
 * configuration, so that the first-run screens come; in between, `strange` asks for trust. Returns the whole environment and the
 * program. What the person has set stands in files of the home, so that HOME and PATH are all
 * that must reach the program; a fresh one is told of the model by variables beside them.
 */
export const homeOf = (
  program: Program,
  {
    folder,
    modelUrl,
    cwd,
    fresh = false,
    strange = false,
  }: { folder: string; modelUrl: string; cwd: string; fresh?: boolean; strange?: boolean },
): { env: Record<string, string>; argv: string[] } => {
  const home = join(folder, 'home')
  const place = { home, modelUrl, cwd, strange }
  mkdirSync(home, { recursive: true })
  mkdirSync(cwd, { recursive: true })
  if (strange) makeRepository(cwd)
  const { files, links, fresh: freshEnv } = homes[program]
  if (!fresh) {
    write(home, files(place))
    link(home, links?.() ?? {})
  }
  const bin = binOf(program)
  const path = [dirname(bin), dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin']
  return {
    env: {
      HOME: home,
      PATH: path.join(delimiter),
      LANG: 'C.UTF-8',
      SHELL: '/bin/bash',
      USER: 'person',
      ...(fresh || strange ? freshEnv(place) : {}),
    },
    argv: [bin],
  }
}

/** The least that git takes for a repository: Codex asks for trust in one only. */
const makeRepository = (cwd: string): void => {
  for (const name of ['objects', 'refs']) mkdirSync(join(cwd, '.git', name), { recursive: true })
  writeFileSync(join(cwd, '.git', 'HEAD'), 'ref: refs/heads/main\n')
}

const write = (home: string, files: Files): void => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    // Programs complain of keys that others may read.
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2), {
      mode: 0o600,
    })
  }
}

const link = (home: string, links: Record<string, string>): void => {
  for (const [name, target] of Object.entries(links)) {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
}
