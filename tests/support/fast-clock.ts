import { type Clock, systemClock } from '@mc/core/clock.ts'

/** Time that runs `times` as fast: what waits a minute waits a second. */
export const fastClock = (times = 60): Clock => {
  const begun = Date.now()
  return {
    now: () => new Date(begun + (Date.now() - begun) * times),
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  }
}
