#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { install } from '../install.ts'
import { isProgram, type Program, programs, versionOf } from '../programs.ts'
import { type Case, cases, Skip } from './cases.ts'
import { type Desk, openDesk } from './desk.ts'
import { type Result, table } from './table.ts'

/**
 * `pnpm test:agents [program …] [--only words] [--screens]`: real agent programs of pinned
 * versions against the scripted model on loopback, one battery on each, as a table program × case.
 * Beside `test` and not in it: it is large and slow.
 */

const print = (text: string) => process.stdout.write(`${text}\n`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, screens: { type: 'boolean', default: false } },
})
const unknown = positionals.find((name) => !isProgram(name))
if (unknown !== undefined) {
  print(`Expected some of ${programs.join(', ')}, got "${unknown}"`)
  process.exit(2)
}
const wanted = programs.filter((name) => positionals.length === 0 || positionals.includes(name))
const only = values.only
const chosen = cases.filter(({ name }) => only === undefined || name.includes(only))

const runCase = async (desk: Desk, one: Case): Promise<Result> => {
  const began = performance.now()
  const took = () => Math.round(performance.now() - began)
  try {
    return { outcome: 'passed', note: (await one.run(desk)) ?? '', ms: took() }
  } catch (error) {
    const note = (error as Error).message
    if (error instanceof Skip) return { outcome: 'skipped', note, ms: took() }
    if (values.screens) print(desk.screen())
    return { outcome: 'failed', note, ms: took() }
  }
}

/** A program that stands in a question, or in mid-turn, after a failed case is begun anew. */
const isSound = (desk: Desk) => desk.now().luci.status().state === 'idle'

const runProgram = async (program: Program): Promise<Map<string, Result>> => {
  const results = new Map<string, Result>()
  const installed = await install(program, { say: print })
  if (installed.status === 'missing') {
    for (const { name } of chosen)
      results.set(name, { outcome: 'skipped', note: installed.why, ms: 0 })
    return results
  }
  print(`\n${program} ${versionOf(program)}`)
  let desk = await openDesk(program)
  try {
    for (const one of chosen) {
      if (one.strange) {
        await desk.close()
        desk = await openDesk(program, { strange: true })
      }
      const result = await runCase(desk, one)
      results.set(one.name, result)
      print(`  ${result.outcome.padEnd(7)} ${one.name} (${result.ms} ms) ${result.note}`)
      if (result.outcome === 'failed' && !isSound(desk)) {
        await desk.close()
        desk = await openDesk(program)
        await desk.idle().catch(() => print('  it does not become idle again'))
      }
    }
  } finally {
    await desk.close()
  }
  return results
}

const all = new Map<Program, Map<string, Result>>()
for (const program of wanted) all.set(program, await runProgram(program))
print(`\n${table(chosen, all)}`)
const results = [...all.values()].flatMap((of) => [...of.values()])
const count = (outcome: Result['outcome']) =>
  results.filter((result) => result.outcome === outcome).length
print(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
process.exit(count('failed') > 0 ? 1 : 0)
