import { breakerOf, type Past } from '@mc/core/digest/breaker.ts'
import t from 'tap'

const at = (minute: number) =>
  new Date(Date.parse('2026-03-02T10:00:00.000Z') + minute * 60_000).toISOString()
const silent = (minute: number): Past => ({ outcome: 'silent', settledAt: at(minute) })
const answered = (minute: number): Past => ({ outcome: 'answered', settledAt: at(minute) })
const state = (past: Past[], minute: number, aliveAt: string | null = null) =>
  breakerOf(past, aliveAt, new Date(at(minute)))

t.test('two that went by change nothing, the third does', async (t) => {
  t.match(state([], 0), { state: 'closed', silent: 0 })
  t.match(state([silent(6), silent(0)], 6), { state: 'closed', silent: 2 })
  t.match(state([silent(12), silent(6), silent(0)], 12), {
    state: 'open',
    silent: 3,
    since: at(12),
    retryAt: at(27),
  })
  t.match(state([silent(12), answered(7), silent(6), silent(0)], 12), { state: 'closed' })
})

t.test('each trial in vain doubles the rest, to four hours', async (t) => {
  const past = [silent(30), silent(12), silent(6), silent(0)]
  t.match(state(past, 59), { state: 'open', silent: 4, since: at(12), retryAt: at(60) })
  t.match(state(past, 60), { state: 'half_open', since: at(12) })
  const long = Array.from({ length: 12 }, (_, n) => silent(120 - n * 10))
  t.match(state(long, 120), { state: 'open', retryAt: at(120 + 240) })
})

t.test('a sign of life ends the rest, and only a verdict the trial', async (t) => {
  const past = [silent(12), silent(6), silent(0)]
  t.match(state(past, 13, at(11)), { state: 'open' }, 'one from before is none')
  t.match(state(past, 13, at(13)), { state: 'half_open' })
  t.match(state([answered(14), ...past], 14, at(13)), { state: 'closed', silent: 0 })
})

t.test('a clock that was set back does not prolong the rest', async (t) => {
  t.match(state([silent(900), silent(896), silent(890)], 0), { state: 'half_open' })
})
