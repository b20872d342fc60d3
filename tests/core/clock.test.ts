import { inboxTime, isoTime, parseTime } from '@mc/core/clock.ts'
import t from 'tap'

const noon = new Date('2026-03-29T12:00:00.250Z')

t.test('the inbox keeps SQLite’s own format, everything else ISO-8601', async (t) => {
  t.equal(inboxTime(noon), '2026-03-29 12:00:00.250')
  t.equal(isoTime(noon), '2026-03-29T12:00:00.250Z')
})

t.test('both formats are read as UTC, whatever zone the machine is in', async (t) => {
  t.same(parseTime('2026-03-29 12:00:00.250'), noon)
  t.same(parseTime('2026-03-29T12:00:00.250Z'), noon)
  t.same(parseTime('2026-03-29 12:00:00'), new Date('2026-03-29T12:00:00Z'))
})

t.test('what is no time is null', async (t) => {
  for (const text of [null, '', 'yesterday', '2026-13-45 99:99:99', '2026-03-29 12:00:00+02:00'])
    t.equal(parseTime(text), null)
})
