import {
  parseDays,
  parseQuietHours,
  quietHoursText,
  quietUntil,
} from '@mc/core/alerts/quiet-hours.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'

const hours = (text: string) => {
  const found = parseQuietHours(text, 'UTC')
  if (!found) throw new Error(`"${text}" was not understood`)
  return found
}
const end = (text: string, at: string) =>
  quietUntil(hours(text), new Date(at))?.toISOString() ?? null

t.test('quiet hours are read with zone and days in any order, and told the same way', async (t) => {
  t.same(hours('22:00-07:00'), {
    from: '22:00',
    to: '07:00',
    zone: 'UTC',
    days: [1, 2, 3, 4, 5, 6, 7],
  })
  const text = '20:30-08:00 Europe/Berlin mon,tue,fri'
  t.equal(quietHoursText(hours('20:30-8:00 mon-tue,fri Europe/Berlin')), text)
  t.equal(quietHoursText(hours(text)), text)
  t.same(parseDays('fri-mon'), [1, 5, 6, 7])
  t.equal(hours('18:00-24:00').to, '00:00')
  for (const wrong of ['', '22-07', '25:00-07:00', '22:00-07:61', '22:00-07:00 Mars/Base'])
    t.equal(parseQuietHours(wrong, 'UTC'), null, wrong)
})

t.test('the night is quiet on both sides of midnight, its end is not', async (t) => {
  const night = '22:00-07:00 Europe/Berlin'
  t.equal(end(night, '2026-01-10T20:59:59Z'), null)
  t.equal(end(night, '2026-01-10T21:00:00Z'), '2026-01-11T06:00:00.000Z')
  t.equal(end(night, '2026-01-11T05:59:59Z'), '2026-01-11T06:00:00.000Z')
  t.equal(end(night, '2026-01-11T06:00:00Z'), null)
})

t.test('the night in which the clocks change is an hour shorter or longer', async (t) => {
  const night = '22:00-07:00 Europe/Berlin'
  t.equal(end(night, '2026-03-28T21:30:00Z'), '2026-03-29T05:00:00.000Z', 'forward')
  t.equal(end(night, '2026-10-24T20:30:00Z'), '2026-10-25T06:00:00.000Z', 'back')
  t.equal(end('01:00-02:30 Europe/Berlin', '2026-03-29T00:30:00Z'), '2026-03-29T01:30:00.000Z')
  t.equal(end('01:00-02:30 Europe/Berlin', '2026-10-25T00:10:00Z'), '2026-10-25T00:30:00.000Z')
})

t.test(
  'days are those on which the hours begin, and days without a gap are one quiet',
  async (t) => {
    const weekdays = '22:00-07:00 UTC mon-fri'
    t.equal(end(weekdays, '2026-03-07T03:00:00Z'), '2026-03-07T07:00:00.000Z', 'of Friday')
    t.equal(end(weekdays, '2026-03-08T03:00:00Z'), null, 'Saturday night')
    t.equal(end('00:00-00:00 UTC sat-sun', '2026-03-07T12:00:00Z'), '2026-03-09T00:00:00.000Z')
    t.ok(end('00:00-00:00 UTC', '2026-03-07T12:00:00Z'), 'always quiet comes to an end of the look')
  },
)

t.test('whatever the hours and the moment, an end lies ahead and is not quiet', async () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
  fc.assert(
    fc.property(
      time,
      time,
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
      fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
      (from, to, zone, now) => {
        const quiet = { from, to, zone, days: [1, 2, 3, 4, 5] }
        const until = quietUntil(quiet, now)
        return until === null || (until > now && quietUntil(quiet, until) === null)
      },
    ),
    { numRuns: 300 },
  )
})
