import { changesOf, pick, seeded, sweep } from '../support/calendar-sweep.ts'

/**
 * `node tests/bench/calendar.ts [windows] [seed]`: the calendar against Debian's cron, over every
 * zone there is. Ends with 1 when a single fire differs.
 */
const [windowsCount = 2_000, seed = 1] = process.argv.slice(2).map(Number)
const random = seeded(seed)
const zones = Intl.supportedValuesOf('timeZone')

const windows = Array.from({ length: windowsCount }, (_, n) => {
  const timezone = zones[n % zones.length] as string
  const changes = changesOf(timezone, 1975, 2038)
  // One in eight on a day like any other.
  const plain = Date.UTC(1975 + Math.floor(random() * 63), Math.floor(random() * 12), 15)
  return { timezone, around: changes.length > 0 && n % 8 > 0 ? pick(random, changes) : plain }
})
const began = performance.now()
const swept = sweep(random, windows, 12)
console.log(
  `${swept.vectors} vectors (${swept.fires} fires, ${swept.questions} single questions), ` +
    `${swept.zones.size} zones, ${swept.years.size} years, ${swept.wrong.length} wrong, ` +
    `${Math.round((performance.now() - began) / 1_000)} s, seed ${seed}`,
)
for (const line of swept.wrong.slice(0, 20)) console.log(line)
process.exitCode = swept.wrong.length > 0 ? 1 : 0
