import { cronProblem, isTimezone, jitterOf, nextSlot, slotsUntil } from '@mc/core/tasks/calendar.ts'
import t from 'tap'
import { changesOf, pick, seeded, somePattern } from '../../support/calendar-sweep.ts'
import fc from '../../support/fast-check.ts'

/** The next `count` fires after `from`, as UTC without the year. */
const fires = (cron: string, timezone: string, from: string, count: number): string[] => {
  const found: string[] = []
  let at = new Date(from)
  for (let n = 0; n < count; n++) {
    const next = nextSlot({ cron, timezone }, at)
    if (!next) break
    found.push(next.toISOString().slice(5, 19))
    at = next
  }
  return found
}

t.test('a fixed time in the gap of spring runs once, right after it', async (t) => {
  t.same(fires('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3), [
    '03-28T01:30:00',
    '03-29T01:00:00',
    '03-30T00:30:00',
  ])
  t.same(fires('0,30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2), [
    '03-29T01:00:00',
    '03-30T00:00:00',
  ])
})

t.test('a fixed time in the overlap of autumn runs the first time only', async (t) => {
  t.same(fires('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2), [
    '10-25T00:30:00',
    '10-26T01:30:00',
  ])
})

t.test('a wildcard minute or hour follows real time through both', async (t) => {
  t.same(fires('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:59:00Z', 6), [
    '10-25T00:00:00',
    '10-25T00:30:00',
    '10-25T01:00:00',
    '10-25T01:30:00',
    '10-25T02:00:00',
    '10-25T02:30:00',
  ])
  t.same(fires('15 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3), [
    '03-29T00:15:00',
    '03-29T01:15:00',
    '03-29T02:15:00',
  ])
})

t.test('whatever the cron, the zone and the moment, the next fire is later', async (t) => {
  const part = (max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: 0, max }).map(String),
      fc.integer({ min: 2, max: 20 }).map((n) => `*/${n}`),
      fc
        .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }))
        .map((two) => [...two].sort((a, b) => a - b).join(',')),
    )
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Africa/Casablanca',
  ]
  const property = fc.property(
    part(59),
    part(23),
    fc.constantFrom(...zones),
    fc.date({
      min: new Date('2017-01-01T00:00:00Z'),
      max: new Date('2030-01-01T00:00:00Z'),
      noInvalidDate: true,
    }),
    (minute, hour, timezone, from) => {
      const task = { cron: `${minute} ${hour} * * *`, timezone }
      let at = from
      for (let n = 0; n < 4; n++) {
        const next = nextSlot(task, at)
        if (!next || next <= at) return false
        // At least one fire in two days, whatever the clocks do.
        if (next.getTime() - at.getTime() > 2 * 86_400_000) return false
        at = next
      }
      return true
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 300 }))
})

t.test('fires that piled up are counted, and the newest kept in order', async (t) => {
  const task = { cron: '*/5 * * * *', timezone: 'UTC' }
  const first = new Date('2026-03-02T10:00:00Z')
  const { newest, count } = slotsUntil(task, first, new Date('2026-03-02T11:02:00Z'), 3)
  t.equal(count, 13)
  t.same(
    newest.map((slot) => slot.toISOString().slice(11, 16)),
    ['10:50', '10:55', '11:00'],
  )
})

t.test('a year of missed seconds is counted exactly, and in no time', async (t) => {
  const task = { cron: '* * * * * *', timezone: 'Europe/Berlin' }
  const { newest, count } = slotsUntil(
    task,
    new Date('2025-01-01T00:00:01Z'),
    new Date('2026-01-01T00:00:00Z'),
    2,
  )
  t.equal(count, 365 * 86_400)
  t.same(newest, [new Date('2025-12-31T23:59:59Z'), new Date('2026-01-01T00:00:00Z')])
})

t.test('many fires are counted as if each was walked, also where the clocks change', async (t) => {
  const random = seeded(3)
  const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns']
  let counted = 0
  for (let n = 0; n < 250; n++) {
    const timezone = pick(random, zones)
    const withSeconds = n % 3 === 0
    const task = { cron: somePattern(random, withSeconds), timezone }
    const change = pick(random, changesOf(timezone, 1990, 2030))
    const spanMs = (withSeconds ? 3 * 3_600_000 : 3 * 86_400_000) * random()
    const first = nextSlot(task, new Date(change - spanMs))
    const until = new Date(change + spanMs)
    if (!first) continue
    const walked: Date[] = []
    for (let at: Date | null = first; at && at <= until; at = nextSlot(task, at)) walked.push(at)
    t.same(slotsUntil(task, first, until, 3), { newest: walked.slice(-3), count: walked.length })
    if (walked.length > 100) counted++
  }
  t.ok(counted > 10, `${counted} were too many to be walked`)
})

t.test('a cron or a time zone that cannot be is told', async (t) => {
  t.equal(cronProblem('*/5 * * * *'), null)
  t.equal(cronProblem('*/10 * * * * *'), null)
  t.match(cronProblem('61 * * * *'), /61/)
  t.match(cronProblem('0 0 31 2 *'), /never/)
  t.ok(isTimezone('Europe/Berlin'))
  t.notOk(isTimezone('Mars/Olympus'))
})

t.test('jitter is below its limit and always the same for the same task', async (t) => {
  const of = (id: string) => jitterOf({ id, jitterMs: 60_000, cron: '* * * * *' })
  t.equal(of('a'), of('a'))
  t.not(of('a'), of('b'))
  t.ok(of('a') >= 0 && of('a') < 60_000)
  t.equal(jitterOf({ id: 'a', jitterMs: 0, cron: '* * * * *' }), 0)
})

t.test('a fixed time has no jitter', async (t) => {
  const of = (cron: string) => jitterOf({ id: 'a', jitterMs: 60_000, cron })
  t.same(['30 2 * * *', '0 0 9-17 * * 1-5', '@daily'].map(of), [0, 0, 0])
  for (const cron of ['0 * * * *', '*/5 2 * * *', '@hourly']) t.ok(of(cron) > 0, cron)
})
