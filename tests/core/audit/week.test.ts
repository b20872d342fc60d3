import { parseWeekly } from '@mc/core/audit/settings.ts'
import { weekBefore, weekNamed, weekOf } from '@mc/core/audit/week.ts'
import { lastDue } from '@mc/core/audit/weekly.ts'
import t from 'tap'

t.test('a week is named as ISO 8601 names it', async (t) => {
  for (const [day, name] of [
    [new Date(2026, 0, 1), '2026-W01'],
    [new Date(2025, 11, 29), '2026-W01'],
    [new Date(2027, 0, 3), '2026-W53'],
    [new Date(2027, 0, 4), '2027-W01'],
    [new Date(2026, 10, 22, 23, 59), '2026-W47'],
  ] as const)
    t.equal(weekOf(day).name, name)
  t.equal(weekNamed('2026-W53').lastDay, '2027-01-03')
  t.equal(weekBefore(weekNamed('2026-W01')).name, '2025-W52')
  for (const wrong of ['2026-W54', '2025-W53', '2026-W00', 'W1', '2026-47'])
    t.throws(() => weekNamed(wrong), { code: 'invalid' }, wrong)
})

t.test('the hour of the report is a day and a time', async (t) => {
  const monday = parseWeekly('mon 08:00')
  t.same(monday, { day: 1, hour: 8, minute: 0 })
  t.same(parseWeekly('Friday 7:30'), { day: 5, hour: 7, minute: 30 })
  for (const wrong of ['mon', '08:00', 'mon 24:00', 'xyz 08:00']) t.equal(parseWeekly(wrong), null)
  if (!monday) return
  const due = (...at: [number, number, number, number]) =>
    lastDue(monday, new Date(2026, 10, ...(at as unknown as [number])))
  t.same(due(23, 8, 0, 0), new Date(2026, 10, 23, 8))
  t.same(due(23, 7, 59, 0), new Date(2026, 10, 16, 8))
  t.same(due(22, 12, 0, 0), new Date(2026, 10, 16, 8))
})
