/// <reference lib="esnext.temporal" />
import { nextSlot } from '@mc/core/tasks/calendar.ts'
import { readPattern, stepsOf, walk } from './debian-cron.ts'

export type Swept = {
  /** One expression over one window of one zone, each of its fires compared. */
  vectors: number
  fires: number
  /** Single questions: the fire after some moment. */
  questions: number
  zones: Set<string>
  years: Set<number>
  wrong: string[]
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const NEAR_MS = 90 * MINUTE_MS

/** Numbers from 0 to 1, always the same for the same seed (mulberry32). */
export const seeded = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type Random = ReturnType<typeof seeded>

export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)] as T

/** Where people write their times, and where clocks change: the small hours, whole and half ones. */
const minutes = [
  '0',
  '30',
  '1',
  '59',
  '*',
  '*/7',
  '*/15',
  '*/30',
  '0,30',
  '15,45',
  '10-20/5',
  '5-7',
]
const hours = ['*', '*/2', '*/3', '0', '1', '2', '3', '23', '0-4', '1-3', '2,3', '22-23', '1-5/2']
const seconds = ['0', '30', '*/20', '*', '0,59', '*/45']
const days = ['*', '*', '*', '*', '1', '*/2', '25-31', '10']
const weekdays = ['*', '*', '*', '*', '0', '1-5', '7', '6,0']
const months = ['*', '*', '*', '3', '3-4,9-11', '*/2']

export const somePattern = (random: Random, withSeconds: boolean): string => {
  const fields = [minutes, hours, days, months, weekdays].map((from) => pick(random, from))
  return (withSeconds ? [pick(random, seconds), ...fields] : fields).join(' ')
}

/** The moments at which a zone's clocks change between two years. */
export const changesOf = (timezone: string, fromYear: number, toYear: number): number[] => {
  const found: number[] = []
  const until = Date.UTC(toYear, 0, 1)
  let at = Temporal.Instant.fromEpochMilliseconds(Date.UTC(fromYear, 0, 1)).toZonedDateTimeISO(
    timezone,
  )
  for (;;) {
    const next = at.getTimeZoneTransition('next')
    if (!next || next.epochMilliseconds >= until) return found
    found.push(next.epochMilliseconds)
    at = next
  }
}

/**
 * Compares calendar and Debian's cron around each moment: minute patterns over two days, patterns
 * with seconds over the three hours around it.
 */
export const sweep = (
  random: Random,
  windows: Iterable<{ timezone: string; around: number }>,
  patternsEach: number,
): Swept => {
  const swept: Swept = {
    vectors: 0,
    fires: 0,
    questions: 0,
    zones: new Set(),
    years: new Set(),
    wrong: [],
  }
  for (const { timezone, around } of windows) {
    swept.zones.add(timezone)
    swept.years.add(new Date(around).getUTCFullYear())
    const middle = Math.floor(around / MINUTE_MS) * MINUTE_MS
    const wide = stepsOf(timezone, middle - DAY_MS, middle + DAY_MS, MINUTE_MS)
    const near = stepsOf(timezone, middle - NEAR_MS, middle + NEAR_MS, 1_000)
    for (let n = 0; n < patternsEach; n++) {
      const withSeconds = n % 4 === 3
      const cron = somePattern(random, withSeconds)
      const steps = withSeconds ? near : wide
      const fires = walk(steps, readPattern(cron))
      const from = steps.at[0] as number
      const to = steps.at.at(-1) as number
      compare(swept, { cron, timezone }, fires, from, to)
      swept.vectors++
      for (let m = 0; m < 4; m++) {
        const after = from + Math.floor(random() * (to - from))
        const expected = fires.find((at) => at > after)
        if (expected === undefined) continue
        swept.questions++
        const got = nextSlot({ cron, timezone }, new Date(after))?.getTime()
        if (got !== expected) complain(swept, { cron, timezone }, after, got, expected)
      }
    }
  }
  return swept
}

type Times = { cron: string; timezone: string }

const compare = (swept: Swept, task: Times, fires: number[], from: number, to: number) => {
  let after = from
  for (const expected of [...fires, null]) {
    const got = nextSlot(task, new Date(after))?.getTime() ?? null
    if (expected === null ? got === null || got > to : got === expected) {
      if (expected === null) return
      swept.fires++
      after = expected
      continue
    }
    return complain(swept, task, after, got, expected)
  }
}

const complain = (
  swept: Swept,
  { cron, timezone }: Times,
  after: number,
  got: number | null | undefined,
  expected: number | null,
) => {
  const iso = (at: number | null | undefined) => (at == null ? 'none' : new Date(at).toISOString())
  swept.wrong.push(
    `${cron} in ${timezone} after ${iso(after)}: got ${iso(got)}, Debian's cron ${iso(expected)}`,
  )
}
