import { nextSlot } from '@mc/core/tasks/calendar.ts'
import t from 'tap'
import { changesOf, pick, seeded, sweep } from '../../support/calendar-sweep.ts'
import { readPattern, stepsOf, walk } from '../../support/debian-cron.ts'

/** Halves and quarters of hours, changes at midnight, of two hours, of three, of a whole day. */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Antarctica/Troll',
  'Antarctica/Casey',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'UTC',
]

t.test('around changes of the clocks each fire is where Debian’s cron has it', async (t) => {
  const random = seeded(20_260_302)
  const windows = zones.flatMap((timezone) => {
    const changes = changesOf(timezone, 1985, 2038)
    return Array.from({ length: 3 }, () => ({
      timezone,
      around: changes.length > 0 ? pick(random, changes) : Date.UTC(2026, 5, 1),
    }))
  })
  const { vectors, fires, questions, wrong } = sweep(random, windows, 8)
  t.same(wrong, [])
  t.ok(vectors > 300 && fires > 3_000 && questions > 300, `${vectors}, ${fires}, ${questions}`)
})

t.test('the walk itself says what cron(8) says', async (t) => {
  const fires = (cron: string, timezone: string, day: string) => {
    const from = Date.parse(`${day}T00:00:00Z`)
    const steps = stepsOf(timezone, from - 3_600_000, from + 4 * 3_600_000, 60_000)
    return walk(steps, readPattern(cron)).map((at) => new Date(at).toISOString().slice(11, 16))
  }
  // Berlin, 2026-03-29 01:00 UTC: 02:00 becomes 03:00. 2026-10-25 01:00 UTC: 03:00 becomes 02:00.
  t.same(fires('30 2 * * *', 'Europe/Berlin', '2026-03-29'), ['01:00'])
  t.same(fires('30 2 * * *', 'Europe/Berlin', '2026-10-25'), ['00:30'])
  t.same(fires('30 * * * *', 'Europe/Berlin', '2026-10-25').slice(0, 4), [
    '23:30',
    '00:30',
    '01:30',
    '02:30',
  ])
  t.same(fires('*/30 2 * * *', 'Europe/Berlin', '2026-03-29'), [])
})

t.test('a start inside the repeated hour neither goes back nor waits an hour', async (t) => {
  const task = { cron: '*/10 * * * *', timezone: 'Europe/Berlin' }
  // 02:35 local, for the first and for the second time.
  for (const at of ['2026-10-25T00:35:00Z', '2026-10-25T01:35:00Z'])
    t.equal(nextSlot(task, new Date(at))?.getTime(), Date.parse(at) + 5 * 60_000)
})
