import { createAccuracy } from '@mc/core/audit/accuracy.ts'
import { createReport } from '@mc/core/audit/report.ts'
import { reportText } from '@mc/core/audit/report-text.ts'
import { keepBooks } from '@mc/core/audit/run-audit.ts'
import { createTally, dayOf } from '@mc/core/audit/tally.ts'
import { weekNamed, weekOf } from '@mc/core/audit/week.ts'
import { parseTime } from '@mc/core/clock.ts'
import { createCorrections } from '@mc/core/corrections/corrections.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { ItemKind, VerdictAction } from '@mc/core/inbox/item.ts'
import { silentLog } from '@mc/core/log.ts'
import { receive } from '@mc/core/webhooks/receive.ts'
import { readShape } from '@mc/core/webhooks/shapes.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock, type TestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { createTestDesk } from '../../support/desk.ts'

const HOUR = 3_600_000
const signal = new AbortController().signal

const settle = async (
  db: Database,
  clock: TestClock,
  {
    kind = 'ok',
    action = 'silent',
    by = 'rule:routine_success',
    source = 'scheduler',
    about = 'backup',
  }: {
    kind?: ItemKind
    action?: VerdictAction
    by?: string
    source?: string
    about?: string
  } = {},
) => {
  const inbox = createInbox(db, clock)
  const { id } = await inbox.post({ source, sourceId: about, message: `${about} ${kind}`, kind })
  const [item] = await inbox.claim({ countMax: 1, by: 'x' })
  if (item) await inbox.settle(item, { action, decidedBy: by, reason: 'Because' })
  return id
}

onEachDatabase('every settled item is counted once, also when it is gone', async (t, db) => {
  const clock = createTestClock()
  const tally = createTally(db, clock)
  const today = dayOf(clock.now())
  const total = async () =>
    (await tally.days(today, today)).counts.reduce((sum, one) => sum + one.items, 0)
  for (let n = 0; n < 3; n++) await settle(db, clock)
  t.equal(await total(), 3, 'before they are in the books')
  t.ok(await tally.countOn())
  t.equal((await db.kysely.selectFrom('item_days').selectAll().execute()).length, 0, 'too fresh')
  await clock.advance(60_000)
  await tally.countOn()
  await settle(db, clock, { kind: 'failed', action: 'ticket', by: 'luci' })
  t.equal(await total(), 4)
  await Promise.all([tally.countOn(), tally.countOn()])
  await db.kysely.deleteFrom('orchestrator_inbox').where('verdict', '=', 'silent').execute()
  t.equal(await total(), 4)
  await createCorrections(db, clock).correct(4, { right: 'silent' }, 'person')
  t.match(await createAccuracy(db, clock).byDecider(), [
    { of: 'rule:routine_success', decided: 3, corrected: 0, right: 100 },
    { of: 'luci', decided: 1, corrected: 1, right: 0 },
  ])
})

onEachDatabase('what is settled after the clock was set back is counted too', async (t, db) => {
  const clock = createTestClock()
  const today = dayOf(clock.now())
  await settle(db, clock)
  await clock.advance(60_000)
  await createTally(db, clock).countOn()
  const earlier = createTestClock(new Date(clock.now().getTime() - 30 * 60_000).toISOString())
  await settle(db, earlier)
  await settle(db, earlier)
  await earlier.advance(HOUR)
  await settle(db, earlier)
  await earlier.advance(60_000)
  const tally = createTally(db, earlier)
  await tally.countOn()
  const { counts } = await tally.days(today, today)
  t.match(counts, [{ items: 4 }])
  t.match(await db.kysely.selectFrom('item_days').select('items').execute(), [{ items: 4 }])
  const ends = await db.kysely.selectFrom('orchestrator_inbox').select('processed_at').execute()
  t.ok(
    ends.every(({ processed_at }) => parseTime(processed_at) !== null),
    'each is a time',
  )
})

onEachDatabase(
  'a settled item that is raised is counted once, as what it became',
  async (t, db) => {
    const desk = createTestDesk(db)
    const today = dayOf(desk.clock.now())
    const tally = createTally(db, desk.clock)
    const counted = async () => {
      await desk.clock.advance(60_000)
      await tally.countOn()
      const rows = await db.kysely.selectFrom('item_days').selectAll().execute()
      const { counts } = await tally.days(today, today)
      const total = counts.reduce((sum, one) => sum + one.items, 0)
      return {
        total,
        rows: rows.map((row) => `${row.verdict} ${row.decided_by} ${row.items}`).sort(),
      }
    }
    const quiet = await settle(db, desk.clock, { kind: 'note', by: 'fallback' })
    const wrong = await settle(db, desk.clock, { kind: 'note', by: 'luci' })
    t.same((await counted()).rows, ['silent fallback 1', 'silent luci 1'])
    await db.kysely
      .insertInto('verdicts')
      .values({
        item_id: quiet,
        digest_id: '',
        action: 'alert',
        reason: 'urgent',
        decided_by: 'luci',
        at: desk.clock.now().toISOString(),
      })
      .execute()
    await createCorrections(db, desk.clock).correct(wrong, { right: 'alert' }, 'person')
    await desk.drain()
    t.same(await counted(), { total: 2, rows: ['alert luci 1', 'silent luci 1'] })
    t.match(await createAccuracy(db, desk.clock).byDecider(), [
      { of: 'luci', decided: 2, corrected: 1 },
    ])
  },
)

onEachDatabase('a source that is new with each post makes no row of each', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  for (let n = 0; n < 260; n++)
    await inbox.post({ source: 'odd', sourceId: `post-${n}`, message: 'x', kind: 'ok' })
  for (const item of await inbox.claim({ countMax: 300, by: 'x' }))
    await inbox.settle(item, { action: 'silent', decidedBy: 'rule:x', reason: 'x' })
  await clock.advance(60_000)
  const tally = createTally(db, clock)
  await tally.countOn()
  const rows = async () => db.kysely.selectFrom('item_days').selectAll().execute()
  t.equal((await rows()).length, 201)
  await clock.advance(100 * 24 * HOUR)
  await Promise.all([tally.condense(), tally.condense()])
  t.match(await rows(), [{ items: 260, source_id: '' }])
})

onEachDatabase('nor does a poster that names itself anew, and ours keep theirs', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  for (let n = 0; n < 120; n++)
    await inbox.post({ source: `odd-${n}`, message: 'x', kind: 'ok', priority: 'critical' })
  await inbox.post({ source: 'scheduler', message: 'x', kind: 'ok', priority: 'low' })
  for (const item of await inbox.claim({ countMax: 300, by: 'x' }))
    await inbox.settle(item, { action: 'silent', decidedBy: 'rule:x', reason: 'x' })
  await clock.advance(60_000)
  await createTally(db, clock).countOn()
  const rows = await db.kysely.selectFrom('item_days').selectAll().execute()
  t.ok(rows.length <= 51, `${rows.length} rows`)
  t.equal(
    rows.reduce((sum, row) => sum + Number(row.items), 0),
    121,
  )
  t.match(
    rows.filter((row) => row.source_type === 'scheduler'),
    [{ items: 1 }],
  )
})

onEachDatabase(
  'the week says what was silenced, by whom, told, ticketed and missed',
  async (t, db) => {
    const clock = createTestClock()
    const week = weekOf(clock.now())
    const forLater = await settle(db, clock)
    for (let n = 1; n < 5; n++) await settle(db, clock)
    const hidden = await settle(db, clock, { kind: 'failed', by: 'luci', about: 'mail' })
    await settle(db, clock, { kind: 'failed', action: 'ticket', by: 'rule:repeated_failure' })
    await settle(db, clock, { kind: 'failed', action: 'alert+ticket', by: 'fallback' })
    await createCorrections(db, clock).correct(hidden, { right: 'alert', note: 'mail!' }, 'person')
    await createCorrections(db, clock).correct(forLater, { right: 'ticket' }, 'person')
    const report = await createReport(db, clock).of(week)
    t.equal(report.missed.length, 1)
    t.match(report, {
      settled: 8,
      silenced: {
        items: 6,
        routine: 5,
        by: [
          { decidedBy: 'rule:routine_success', items: 5 },
          { decidedBy: 'luci', items: 1 },
        ],
        sources: [{ source: 'scheduler', sourceId: 'mail', items: 1 }],
        samples: [{ item: hidden, title: 'mail failed' }],
      },
      told: 1,
      ticketed: 2,
      sparedInterruptions: 2,
      corrected: [{ item: forLater }, { item: hidden }],
      missed: [{ item: hidden }],
      luci: { digests: [], tokensIn: null },
      isWhole: true,
    })
    const text = reportText(report)
    t.match(text, '8 items settled: 6 silenced (5 of them routine), 2 ticketed, 1 told to you.')
    t.match(text, 'You called 2 wrong; 1 of them you should have heard of.')
    t.match(await createReport(db, clock).of(weekNamed('2001-W10')), { settled: 0, isOver: true })
  },
)

onEachDatabase(
  'the week before is told once, at its hour or when the desk is up again',
  async (t, db) => {
    const clock = createTestClock()
    const weekly = { day: 1, hour: 8, minute: 0 }
    const round = () =>
      keepBooks({ db, clock, log: silentLog, weekly, repeatIntervalMs: HOUR }, signal)
    const told = async () =>
      (await db.kysely.selectFrom('alerts').select(['kind', 'title']).orderBy('id').execute()).map(
        ({ title }) => title,
      )
    await settle(db, clock)
    const first = weekOf(clock.now()).name
    await round()
    t.same(await told(), [], 'what was before it was switched on is not told')
    await clock.advance(9 * 24 * HOUR)
    await Promise.all([round(), round()])
    await clock.advance(5 * HOUR)
    await round()
    t.same(await told(), [`What I kept from you: week ${first}`])
    await clock.advance(14 * 24 * HOUR)
    await round()
    t.equal((await told()).length, 2, 'of weeks that nobody was there for the last one is told')
  },
)

onEachDatabase('a webhook’s events are one transaction, and a repeat is counted', async (t, db) => {
  const clock = createTestClock()
  const alert = (fingerprint: string, status = 'firing') => ({
    status,
    labels: { alertname: 'Disk' },
    startsAt: '2026-03-02T10:00:00Z',
    fingerprint,
  })
  const send = (...alerts: object[]) =>
    receive(
      db,
      clock,
      { shape: 'alertmanager', name: 'prod' },
      readShape('alertmanager', { status: 'firing', alerts }).events,
    )
  t.same(await send(alert('a'), alert('b')), [
    { item: 1, repeated: false, times: 1 },
    { item: 2, repeated: false, times: 1 },
  ])
  const twice = await Promise.all([send(alert('b'), alert('c')), send(alert('b'), alert('c'))])
  t.same(
    twice
      .flat()
      .map(({ item, repeated }) => `${item} ${repeated}`)
      .sort(),
    ['2 true', '2 true', '3 false', '3 true'],
  )
  await send(alert('a', 'resolved'))
  const end = await createInbox(db, clock).find(4)
  t.match(end, {
    kind: 'ok',
    detail: { recoveredFrom: { fingerprint: /^hook:alertmanager:prod:/ } },
  })
})
