#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { projectRoot } from '@mc/core/environment.ts'
import { startPostgres } from '../tests/support/postgres.ts'
import { makeTemplates } from '../tests/support/templates.ts'
import { bundle } from './bundles.ts'
import { endLeftovers, killLeftovers } from './leftovers.ts'
import { openRunFolder } from './run-folder.ts'
import { readTotals } from './tap-totals.ts'
import { ensureTmux } from './tmux.ts'

/**
 * `pnpm test`: one Postgres and one migrated database of each kind for all files, a temp folder
 * for the run, few processes for many files (see bundles.ts), and afterwards a look at what was
 * left behind. Arguments are tap's; folders and files say what to run.
 */

const AGENT_TESTS = join('tests', 'agents', '')

const print = (text: string) => process.stdout.write(`${text}\n`)

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())

process.chdir(projectRoot)
if (!ensureTmux(print)) process.exit(1)
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const files = testFiles(args.filter((arg) => !arg.startsWith('-')))
if (files.length === 0) {
  print(`There is no test in ${args.join(' ')}`)
  process.exit(2)
}
const folder = openRunFolder()
// A run that is broken off ends in an exit hook of embedded Postgres and not below.
process.on('exit', () => {
  killLeftovers(folder.path)
  folder.remove()
})
const postgres = await startPostgres()
let failed = 1
let passed = 0
let failures: string[] = []
try {
  const templates = await makeTemplates(folder.path, postgres.url)
  const exitCode = await runTap({ ...folder.env, ...templates })
  ;({ passed, failed, failures } = readTotals(folder.results, exitCode))
} finally {
  await postgres.stop()
  const leftovers = await endLeftovers(folder.path)
  for (const leftover of leftovers) print(`Left behind: ${leftover}`)
  failed += leftovers.length
}
for (const failure of failures) print(`Failed: ${failure.trim()}`)
print(`${passed} passed, ${failed} failed`)
// Not exitCode: an exit hook of embedded Postgres would end the process with 0.
process.exit(failed === 0 ? 0 : 1)

async function runTap(env: NodeJS.ProcessEnv): Promise<number> {
  const live = process.stdout.isTTY
  const child = spawn(
    join(projectRoot, 'node_modules', '.bin', 'tap'),
    [
      `--reporter=${live ? 'base' : 'terse'}`,
      `--output-file=${folder.results}`,
      ...options,
      // An option may choose among a file's tests, which a bundle would hide from it.
      ...(options.length === 0 ? bundle(files, folder.bundles) : files),
    ],
    { env, stdio: ['ignore', live ? 'inherit' : 'pipe', 'inherit'], signal: stopping.signal },
  )
  // In a file its ever-repainted progress would be thousands of lines.
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => isProgress(line) || print(line))
  // An abort is told as an error, then the exit comes as for any other end.
  child.on('error', (error) => {
    if (error.name !== 'AbortError') throw error
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}

function isProgress(line: string): boolean {
  const plain = stripVTControlCharacters(line).trim()
  return plain === '' || /^(Asserts|Suites): /.test(plain) || plain === '# No coverage generated'
}

function testFiles(paths: string[]): string[] {
  const given = paths.length > 0 ? paths : ['tests']
  // Real agent programs are large and slow; they have `pnpm test:agents`.
  const isOurs = (path: string) => paths.length > 0 || !path.startsWith(AGENT_TESTS)
  return given
    .flatMap((path) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory()
        ? globSync(join(path, '**', '*.test.ts'))
        : globSync(path),
    )
    .filter(isOurs)
    .sort()
}
