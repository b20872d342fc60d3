import { silentLog } from '@mc/core/log.ts'
import { runRetention } from '@mc/core/retention/run-retention.ts'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

t.test('it sweeps soon after a start, then every few hours, whatever fails', async (t) => {
  const clock = createTestClock()
  const stop = new AbortController()
  let sweeps = 0
  const retention = {
    sweep: async () => {
      sweeps++
      if (sweeps === 1) throw new Error('the database is away')
      return {
        runs: 1,
        logs: 0,
        logBytes: 0,
        items: 0,
        digests: 0,
        turns: 0,
        alerts: 0,
        proposals: 0,
        leftovers: 0,
      }
    },
  }
  const running = runRetention({ retention, clock, log: silentLog }, stop.signal)
  t.equal(sweeps, 0, 'a start has better things to do')
  await clock.advance(5 * 60_000)
  await until('the first sweep', () => sweeps === 1)
  await clock.advance(3 * 3_600_000)
  await until('the next sweep', () => sweeps === 2)
  stop.abort()
  await running
  t.equal(sweeps, 2)
})
