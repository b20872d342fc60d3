#!/usr/bin/env node
import { install } from './install.ts'
import { binOf, cacheFolder, isProgram, programs } from './programs.ts'

/** `node tests/agents/install-command.ts [claude codex …]`: puts the programs into the cache. */

const print = (text: string) => process.stdout.write(`${text}\n`)

const names = process.argv.slice(2)
const wrong = names.filter((name) => !isProgram(name))
if (wrong.length > 0) {
  print(`There is no ${wrong.join(', ')}; there are ${programs.join(', ')}`)
  process.exit(2)
}
print(`Cache: ${cacheFolder()}`)
let missing = 0
for (const program of names.length > 0 ? names.filter(isProgram) : programs) {
  const installed = await install(program, { say: print })
  if (installed.status === 'missing') missing++
  print(installed.status === 'ready' ? `${program}: ${binOf(program)}` : installed.why)
}
process.exit(missing === 0 ? 0 : 1)
