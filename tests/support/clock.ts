import type { Clock } from '@mc/core/clock.ts'

export type TestClock = Clock & {
  /** Moves time on and wakes who slept until then, in order. */
  advance(ms: number): Promise<void>
  set(date: Date): void
}

/** Time that stands still until a test moves it. */
export const createTestClock = (start = '2026-03-02T10:00:00.000Z'): TestClock => {
  let now = new Date(start).getTime()
  let sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => new Date(now),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          resolve()
        })
      }),
    advance: async (ms) => {
      const until = now + ms
      for (;;) {
        const due = sleepers.filter((s) => s.at <= until).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        sleepers = sleepers.filter((s) => s !== due)
        now = Math.max(now, due.at)
        due.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
      now = until
      await new Promise((resolve) => setImmediate(resolve))
    },
    set: (date) => {
      now = date.getTime()
    },
  }
}
