/** How much of the past is kept. Each kind goes by age, and by count where that comes first. */
export type Keep = {
  /** Runs that ended longer ago are not kept. */
  runsMs: number
  /** Of each task no more than its newest so many. */
  runsPerTask: number
  /** Log files last written longer ago are not kept. */
  logsMs: number
  /** Log files in all: the oldest go first. */
  logsBytes: number
  /** Items that were handled longer ago, with their digests. */
  itemsMs: number
  /** Items that were silenced: most of all there are. */
  silencedMs: number
  /** Items in all: of those posted before the newest so many, the settled ones go. */
  itemsMax: number
  /** Turns that ended longer ago; those of digests go with their items. */
  turnsMs: number
  turnsMax: number
  /** Alerts raised longer ago; one that nobody reacted to stays while there is room. */
  alertsMs: number
  alertsMax: number
}

const DAY_MS = 86_400_000

export const defaultKeep: Keep = {
  runsMs: 90 * DAY_MS,
  runsPerTask: 1_000,
  logsMs: 30 * DAY_MS,
  logsBytes: 2 * 1024 * 1024 * 1024,
  itemsMs: 90 * DAY_MS,
  silencedMs: 30 * DAY_MS,
  itemsMax: 1_000_000,
  turnsMs: 365 * DAY_MS,
  turnsMax: 20_000,
  alertsMs: 180 * DAY_MS,
  alertsMax: 20_000,
}

/**
 * So many of each task stay whatever their age: whether it flaps is told by its last 21 outcomes,
 * and a page without any past says nothing.
 */
export const NEWEST_KEPT = 25
