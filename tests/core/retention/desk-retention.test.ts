import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createMutes } from '@mc/core/alerts/mutes.ts'
import { createTally } from '@mc/core/audit/tally.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { defaultKeep, type Keep } from '@mc/core/retention/keep.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createButtons } from '@mc/core/telegram/buttons.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'
import { liveADay } from '../../support/desk-days.ts'

const DAY_MS = 86_400_000
const aDay = { silenced: 120, handled: 12, digests: 3, turns: 6, alerts: 4 }

const setUp = (t: Test, db: Database, keep: Partial<Keep> = {}) => {
  const clock = createTestClock('2026-01-01T12:00:00.000Z')
  const kept = { ...defaultKeep, ...keep }
  const logs = createRunLogs(t.testdir())
  const retention = createRetention(db, clock, logs, kept, async () => {})
  const count = async (
    table: 'orchestrator_inbox' | 'turns' | 'digests' | 'alerts' | 'verdicts',
  ) => {
    const row = await db.kysely
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('n'))
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }
  return { clock, count, sweep: () => retention.sweep() }
}

onEachDatabase('what was settled long ago goes, and its totals stay', async (t, db) => {
  const { clock, count, sweep } = setUp(t, db)
  await liveADay(db, clock, aDay)
  await clock.advance(31 * DAY_MS)
  t.match(await sweep(), { items: 120, digests: 0, turns: 0, alerts: 0 }, 'silenced ones first')
  await clock.advance(60 * DAY_MS)
  t.match(await sweep(), { items: 12, digests: 3, turns: 0 }, 'the newest turns stay')
  await liveADay(db, clock, { ...aDay, silenced: 0, handled: 0, digests: 0, turns: 60 })
  t.match(await sweep(), { turns: 3 }, 'those of the digests that are gone')
  t.equal(await count('verdicts'), 0)
  await clock.advance(400 * DAY_MS)
  t.match(await sweep(), { turns: 41, alerts: 8 })
  const decisions = await createTally(db, clock).decisions()
  t.same(decisions.map(({ verdict, decidedBy, items }) => [verdict, decidedBy, items]).sort(), [
    ['alert', 'luci', 12],
    ['silent', 'rule:routine_success', 120],
  ])
  const turns = await db.kysely.selectFrom('turn_totals').selectAll().execute()
  t.equal(turns.reduce((sum, row) => sum + Number(row.turns), 0) + (await count('turns')), 69)
  t.equal(turns.find(({ origin }) => origin === 'digest')?.tokens_in, 2_700, 'and what they cost')
  t.match(await db.kysely.selectFrom('alert_totals').select(['alerts', 'state']).execute(), [
    { alerts: 4, state: 'resolved' },
    { alerts: 4, state: 'resolved' },
  ])
})

onEachDatabase('what a person may still need stays, whatever its age', async (t, db) => {
  const { clock, sweep } = setUp(t, db)
  const inbox = createInbox(db, clock)
  const tickets = createTickets(db, clock)
  const post = async (name: string) =>
    (await inbox.post({ source: 'test', message: name, kind: 'failed', fingerprint: name })).id
  const settle = () =>
    db.kysely
      .updateTable('orchestrator_inbox')
      .set({ status: 'processed', processed_at: '2026-01-01 12:00:00', verdict: 'alert' })
      .execute()
  const ids = {
    plain: await post('plain'),
    ticketed: await post('ticketed'),
    counted: await post('counted'),
    corrected: await post('corrected'),
    promised: await post('promised'),
    alerted: await post('alerted'),
  }
  await settle()
  const waiting = await post('waiting')
  const at = clock.now().toISOString()
  const open = await tickets.file({ title: 'x', fingerprint: 'ticketed' }, { actor: 'me' })
  const { alert } = await createAlerts(db, clock, { repeatIntervalMs: 1 }).raise({
    fingerprint: 'alerted',
    kind: 'failed',
    title: 'x',
    text: '',
    itemId: ids.alerted,
  })
  await db.kysely.updateTable('alerts').set({ state: 'sent', sent_at: at }).execute()
  await db.kysely
    .insertInto('effects')
    .values([
      { item_id: ids.counted, effect: 'ticket', ref: String(open.id), at },
      { item_id: ids.alerted, effect: 'alert', ref: String(alert.id), at },
    ])
    .execute()
  await sql`insert into corrections (item_id, verdict, right_verdict, by, at)
    values (${ids.corrected}, 'alert', 'silent', 'person', ${at})`.execute(db.kysely)
  const verdict = { action: 'ticket', reason: '', decided_by: 'person', at }
  await db.kysely
    .insertInto('verdicts')
    .values({ item_id: ids.promised, digest_id: '', ...verdict })
    .execute()
  await clock.advance(400 * DAY_MS)
  t.match(await sweep(), { items: 1, alerts: 0 })
  const left = await db.kysely.selectFrom('orchestrator_inbox').select('id').orderBy('id').execute()
  const { plain: _gone, ...stay } = ids
  t.same(
    left.map(({ id }) => Number(id)),
    [...Object.values(stay), waiting],
  )
  // Once it is over, it goes too.
  await tickets.move(open.id, 'done', { actor: 'me' })
  await createAlerts(db, clock, { repeatIntervalMs: 1 }).close(alert.id)
  t.match(await sweep(), { items: 3, alerts: 1 })
})

onEachDatabase('what stays is looked at once a sweep, not in every batch', async (t, db) => {
  const clock = createTestClock('2026-01-01T12:00:00.000Z')
  const tickets = createTickets(db, clock)
  await liveADay(db, clock, { silenced: 1, handled: 0, digests: 0, turns: 0, alerts: 0 })
  await db.kysely.updateTable('orchestrator_inbox').set({ fingerprint: 'open' }).execute()
  const open = await tickets.file({ title: 'x', fingerprint: 'open' }, { actor: 'me' })
  await clock.advance(1_000)
  await liveADay(db, clock, { silenced: 120, handled: 0, digests: 0, turns: 0, alerts: 0 })
  await clock.advance(40 * DAY_MS)
  // Its ticket is closed between the batches: looked at again it would go.
  const close = async () => void (await tickets.move(open.id, 'done', { actor: 'me' }))
  const logs = createRunLogs(t.testdir())
  t.match(await createRetention(db, clock, logs, defaultKeep, close).sweep(), { items: 120 })
  t.match(await createRetention(db, clock, logs, defaultKeep, close).sweep(), { items: 1 })
})

onEachDatabase('beyond the count the oldest go, however young they are', async (t, db) => {
  const { clock, count, sweep } = setUp(t, db, { itemsMax: 100, turnsMax: 50, alertsMax: 50 })
  for (let n = 0; n < 3; n++) await liveADay(db, clock, { ...aDay, turns: 40, alerts: 30 })
  // What was settled just now is counted a little later, and goes only then.
  await clock.advance(60_000)
  await sweep()
  t.equal(await count('orchestrator_inbox'), 100)
  t.ok((await count('turns')) <= 50 + 9, 'but for those of digests that are there')
  t.equal(await count('alerts'), 50)
})

onEachDatabase('answers, credentials and beats that are of no use go', async (t, db) => {
  const { clock, sweep } = setUp(t, db)
  const workers = createWorkers(db, clock)
  for (const name of ['api', 'api', 'pickup'] as const) await workers.hello(name)
  await db.kysely
    .insertInto('idempotency_keys')
    .values({ key: 'k', request_hash: 'h', created_at: clock.now().toISOString() })
    .execute()
  await clock.advance(8 * DAY_MS)
  await workers.hello('api')
  t.match(await sweep(), { leftovers: 3 })
  t.match(await workers.health(), [{ state: 'alive' }, { state: 'absent' }, { state: 'stale' }])
})

onEachDatabase('mutes go 90 days after their end, and what was said at Telegram', async (t, db) => {
  const { clock, sweep } = setUp(t, db)
  const mutes = createMutes(db, clock)
  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS)
  await mutes.end((await mutes.mute({ until: inDays(200), by: 'ana' })).id, 'ana')
  await mutes.mute({ fingerprint: 'a', until: inDays(1), by: 'ana' })
  await mutes.mute({ fingerprint: 'b', until: inDays(100), by: 'ana' })
  const outgoing = createOutgoing(db, clock)
  await outgoing.sent(await outgoing.add({ chatId: '42', html: 'x' }), 1)
  await outgoing.add({ chatId: '42', html: 'not sent yet' })
  await createButtons(db, clock, '42').offer([
    [{ label: 'Unmute', action: { do: 'mute', for: 'off' } }],
  ])
  await clock.advance(29 * DAY_MS)
  t.match(await sweep(), { leftovers: 1 }, 'buttons work two days, and are known nine')
  await clock.advance(2 * DAY_MS)
  t.match(await sweep(), { leftovers: 1 })
  await clock.advance(61 * DAY_MS)
  t.match(await sweep(), { leftovers: 2 })
  t.match(await mutes.inForce(), [{ fingerprint: 'b' }])
  t.match(await outgoing.claim(), { html: 'not sent yet' })
})

t.test('over months of days the file stays as large as it was', async (t) => {
  const db = await sqliteDatabase(t)
  const days = 5 * DAY_MS
  const keep = { itemsMs: days, silencedMs: days, turnsMs: days, alertsMs: days }
  const { clock, sweep } = setUp(t, db, keep)
  const pages = async () => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db.kysely)
    return Number(rows[0]?.page_count)
  }
  const sizes: number[] = []
  // The counts by day and task stay for a season: few tasks, so that the rest is what is looked at.
  const ofFewTasks = { ...aDay, tasks: 4 }
  for (let day = 1; day <= 40; day++) {
    await liveADay(db, clock, ofFewTasks)
    await clock.advance(DAY_MS)
    await sweep()
    if (day % 10 === 0) sizes.push(await pages())
  }
  const [settled = 0] = sizes
  t.ok(settled > 50, `it holds something: ${sizes}`)
  t.ok(
    sizes.every((size) => size <= settled * 1.15),
    `flat from the tenth day on: ${sizes}`,
  )
})
