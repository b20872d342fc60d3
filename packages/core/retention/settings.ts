import { defaultKeep, type Keep } from './keep.ts'

/** What reading the environment offers, as far as it is used here. */
type Read = {
  integer(name: string, fallback: number, min: number, max: number): number
  duration(name: string, fallback: number): number
}

const MIB = 1024 * 1024
const MANY = 100_000_000

/** The settings of what is kept, from the environment. */
export const readKeep = (read: Read): Keep => ({
  runsMs: read.duration('MC_KEEP_RUNS', defaultKeep.runsMs),
  runsPerTask: read.integer('MC_KEEP_RUNS_PER_TASK', defaultKeep.runsPerTask, 1, 1_000_000),
  logsMs: read.duration('MC_KEEP_LOGS', defaultKeep.logsMs),
  logsBytes: read.integer('MC_KEEP_LOGS_MIB', defaultKeep.logsBytes / MIB, 1, 1_000_000) * MIB,
  itemsMs: read.duration('MC_KEEP_ITEMS', defaultKeep.itemsMs),
  silencedMs: read.duration('MC_KEEP_SILENCED', defaultKeep.silencedMs),
  itemsMax: read.integer('MC_KEEP_ITEMS_MAX', defaultKeep.itemsMax, 100, MANY),
  turnsMs: read.duration('MC_KEEP_TURNS', defaultKeep.turnsMs),
  turnsMax: read.integer('MC_KEEP_TURNS_MAX', defaultKeep.turnsMax, 50, MANY),
  alertsMs: read.duration('MC_KEEP_ALERTS', defaultKeep.alertsMs),
  alertsMax: read.integer('MC_KEEP_ALERTS_MAX', defaultKeep.alertsMax, 50, MANY),
})

/** As the Settings page shows them: what is kept, how much, and the name that changes it. */
export const describeKeep = (keep: Keep): { label: string; value: string; name: string }[] => [
  { label: 'Runs', value: span(keep.runsMs), name: 'MC_KEEP_RUNS' },
  { label: 'Runs of one task', value: count(keep.runsPerTask), name: 'MC_KEEP_RUNS_PER_TASK' },
  { label: 'Log files', value: span(keep.logsMs), name: 'MC_KEEP_LOGS' },
  {
    label: 'Log files in all',
    value: `${count(keep.logsBytes / MIB)} MiB`,
    name: 'MC_KEEP_LOGS_MIB',
  },
  { label: 'Handled items', value: span(keep.itemsMs), name: 'MC_KEEP_ITEMS' },
  { label: 'Silenced items', value: span(keep.silencedMs), name: 'MC_KEEP_SILENCED' },
  { label: 'Items in all', value: count(keep.itemsMax), name: 'MC_KEEP_ITEMS_MAX' },
  { label: 'Messages to Luci', value: span(keep.turnsMs), name: 'MC_KEEP_TURNS' },
  { label: 'Messages in all', value: count(keep.turnsMax), name: 'MC_KEEP_TURNS_MAX' },
  { label: 'Alerts', value: span(keep.alertsMs), name: 'MC_KEEP_ALERTS' },
  { label: 'Alerts in all', value: count(keep.alertsMax), name: 'MC_KEEP_ALERTS_MAX' },
]

const count = (number: number): string => number.toLocaleString('en')

/** The largest unit that says it whole: `90 days`, `36 hours`. */
const span = (ms: number): string => {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const
  for (const [name, unitMs] of units)
    if (ms >= unitMs && ms % unitMs === 0) {
      const number = ms / unitMs
      return `${number} ${name}${number === 1 ? '' : 's'}`
    }
  return `${ms} ms`
}
