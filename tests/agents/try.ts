#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tmuxConfig } from '@mc/core/luci/tmux-words.ts'
import { killLeftovers } from '../../ops/leftovers.ts'
import { homeOf } from './homes/home.ts'
import { install } from './install.ts'
import { type Received, startModel } from './model/model.ts'
import { isProgram, programs } from './programs.ts'

/**
 * `node tests/agents/try.ts claude [--fresh|--strange] [--size 200x50] [--port 0] [--shell] [-- arguments]`:
 * the program in an isolated home against the scripted model, in a private tmux server, until
 * Ctrl-C. `--shell` only prepares, and starts no program in tmux.
 */

const print = (text: string) => process.stdout.write(`${text}\n`)
const fail = (text: string): never => {
  print(text)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fresh: { type: 'boolean', default: false },
    strange: { type: 'boolean', default: false },
    shell: { type: 'boolean', default: false },
    size: { type: 'string', default: '200x50' },
    port: { type: 'string', default: '0' },
  },
})
const [program, ...own] = positionals
if (!isProgram(program))
  throw fail(`Expected one of ${programs.join(', ')}, got "${program ?? ''}"`)
const [columns, rows] = /^(\d+)x(\d+)$/.exec(values.size)?.slice(1) ?? fail('A size is e.g. 200x50')

const installed = await install(program, { say: print })
if (installed.status === 'missing') throw fail(installed.why)

const folder = mkdtempSync(join(tmpdir(), `mc-try-${program}-`))
const model = await startModel({ port: Number(values.port), heard: tell })
const cwd = join(folder, 'work')
const { env, argv } = homeOf(program, { folder, modelUrl: model.url, cwd, ...values })
const runFile = join(folder, 'run.sh')
writeFileSync(runFile, runScript())
chmodSync(runFile, 0o755)
const socket = join(folder, 'tmux.sock')
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-u', '-S', socket, '-f', join(folder, 'tmux.conf'), ...args], {
    env,
    encoding: 'utf8',
  })
writeFileSync(join(folder, 'tmux.conf'), tmuxConfig)

let ended = false
const end = async () => {
  if (ended) return
  ended = true
  // The tmux server, its programs, and the daemons that some of them leave behind.
  killLeftovers(folder)
  await model.close()
  // Its program may be writing its last words.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  process.exit(0)
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void end())

if (!values.shell)
  tmux(
    'new-session',
    '-d',
    '-s',
    program,
    '-x',
    columns ?? '',
    '-y',
    rows ?? '',
    '-c',
    cwd,
    ...(own.length > 0 ? ['--', ...argv, ...own] : ['--', ...argv]),
  )

print(`Model:   ${model.url}   (what it heard stands below, whole in ${folder}/heard.jsonl)`)
print(`Home:    ${env.HOME}`)
print(`Works in ${cwd}`)
if (!values.shell) print(`Attach:  tmux -S ${socket} attach`)
print(`By hand: ${runFile} [arguments]   (the same program and home, in this terminal)`)
print('Ctrl-C ends it all and removes the folder.')

/** A line for the screen, the whole for a file, of every request once it is over. */
function tell(one: Received) {
  const person = one.asked?.person.split('\n').at(-1)?.slice(0, 60)
  const answer = one.answer?.type === 'reply' ? (one.answer.call?.name ?? 'text') : ''
  const words = [one.status, one.method, one.path, person && `"${person}"`, answer]
  print(`${words.filter(Boolean).join(' ')}${one.aborted ? ' (hung up)' : ''}`)
  if (!ended) appendFileSync(join(folder, 'heard.jsonl'), `${JSON.stringify(one)}\n`)
}

function runScript(): string {
  const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv]
  return `#!/bin/sh\ncd ${word(cwd)} && exec env -i TERM="\${TERM:-xterm-256color}" ${words.map(word).join(' ')} "$@"\n`
}

function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
