import { explain } from '@mc/core/tasks/explain.ts'
import t from 'tap'

const from = new Date('2026-03-02T10:00:00Z')
const berlin = (cron: string, count = 2) =>
  explain({ cron, timezone: 'Europe/Berlin' }, from, count)

t.test('the next fires are told in local time and UTC', async (t) => {
  t.match(berlin('30 2 * * *'), {
    words: 'daily at 02:30',
    next: [
      { local: 'Tue 2026-03-03 02:30:00 +01:00', utc: '2026-03-03T01:30:00.000Z' },
      { local: 'Wed 2026-03-04 02:30:00 +01:00', utc: '2026-03-04T01:30:00.000Z' },
    ],
  })
})

t.test('a fixed time in the gap, and one that comes twice, are told', async (t) => {
  t.same(berlin('30 2 * * *').clockChanges, [
    'Sun 2026-03-29: at 02:00 clocks go forward to 03:00. 02:30 does not exist that day: it fires once, at 03:00.',
    'Sun 2026-10-25: at 03:00 clocks go back to 02:00. 02:30 comes twice: it fires the first time only.',
  ])
})

t.test('what follows real time is told so', async (t) => {
  t.match(berlin('*/20 * * * *').clockChanges, [/02:00–03:00 do not come/, /come in both hours/])
})

t.test('where nothing is due when the clocks change, nothing is made of it', async (t) => {
  t.match(berlin('0 12 * * *').clockChanges, [/Nothing is due/, /Nothing is due/])
  t.same(explain({ cron: '0 12 * * *', timezone: 'UTC' }, from, 1).clockChanges, [])
})

t.test('it is said how a day of the month and a weekday go together', async (t) => {
  t.match(berlin('0 0 13 * 5').days, /is 13 OR the weekday is 5/)
  t.match(berlin('0 0 */2 * 1').days, /OR.*Vixie cron would ask for both/)
  t.match(berlin('0 0 */2 * +1').days, /AND the weekday 1/)
  t.equal(berlin('0 0 */2 * *').days, null)
  t.equal(berlin('@daily').days, null)
  // And so it is.
  t.same(
    berlin('0 12 */2 * +1', 3).next.map((fire) => fire.local.slice(0, 14)),
    ['Mon 2026-03-09', 'Mon 2026-03-23', 'Mon 2026-04-13'],
  )
})
