/** How much memory programs can still get. Ends with 1 when it is too little. */
import { execFileSync } from 'node:child_process'
import { totalmem } from 'node:os'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { 'free-min': { type: 'string', default: '5' } } })
const freeMin = Number(values['free-min'])
if (!(freeMin >= 0 && freeMin < 100)) {
  console.error(`Expected --free-min to be a percentage, got "${values['free-min']}"`)
  process.exit(2)
}

/** macOS keeps little memory "free" on purpose; only its own tool says what could be. */
const freePercentOnMac = (): number => {
  const text = execFileSync('memory_pressure', ['-Q'], { encoding: 'utf8' })
  const match = /free percentage:\s*(\d+)\s*%/.exec(text)
  if (!match) throw new Error(`Expected memory_pressure to tell a percentage, got: ${text}`)
  return Number(match[1])
}

/** Available, not free: caches are given back when asked for. In a container its limit counts. */
const freePercent = (): number => {
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return (process.availableMemory() / total) * 100
}

const percent = Math.floor(process.platform === 'darwin' ? freePercentOnMac() : freePercent())
const mib = Math.round((totalmem() / 1024 ** 2) * (percent / 100))
console.log(`${percent} % of memory available, about ${mib} MiB`)
if (percent < freeMin) {
  console.error(`Error: memory is short: ${percent} % available, at least ${freeMin} %`)
  process.exitCode = 1
}
