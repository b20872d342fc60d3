/// <reference lib="esnext.temporal" />

/** A time during which the clocks of a zone keep one offset. Times in ms since 1970, UTC. */
export type Stretch = {
  from: number
  /** The moment at which the clocks change next; Infinity when they never do again. */
  until: number
  /** Local time is UTC and this. */
  offsetMs: number
  /** What it was before `from`; null when they never changed before. */
  offsetBeforeMs: number | null
}

const known = new Map<string, Stretch[]>()

/** The stretch that a moment is in. Throws a RangeError for a zone that is none. */
export const stretchAt = (timezone: string, at: number): Stretch => {
  let stretches = known.get(timezone)
  if (!stretches) {
    stretches = []
    known.set(timezone, stretches)
  }
  let found = stretches.find(({ from, until }) => from <= at && at < until)
  if (!found) {
    found = lookUp(timezone, at)
    // The one in use now is asked for most, so it stands first.
    stretches.unshift(found)
    if (stretches.length > STRETCHES_KEPT) stretches.pop()
  }
  return found
}

const STRETCHES_KEPT = 8

const lookUp = (timezone: string, at: number): Stretch => {
  const zoned = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone)
  const here = zoned(at)
  // "previous" means before the moment itself, which may be the very change.
  const from = zoned(at + 1).getTimeZoneTransition('previous')?.epochMilliseconds ?? null
  const until = here.getTimeZoneTransition('next')?.epochMilliseconds ?? null
  return {
    from: from ?? Number.NEGATIVE_INFINITY,
    until: until ?? Number.POSITIVE_INFINITY,
    offsetMs: here.offsetNanoseconds / 1e6,
    offsetBeforeMs: from === null ? null : zoned(from - 1).offsetNanoseconds / 1e6,
  }
}
