import { createOutbox } from '@mc/core/alerts/outbox.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Database } from '@mc/db/database.ts'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { onEachDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000

const claim = async (outbox: ReturnType<typeof createOutbox>) => {
  const batch = await outbox.claim()
  if ('waitMs' in batch) throw new Error('Expected something to send, got nothing')
  return batch
}

/** Time goes on between any two looks at it, as it does outside a test. */
const passing = (clock: Clock): Clock => {
  let looks = 0
  return { ...clock, now: () => new Date(clock.now().getTime() + looks++) }
}

const itIsOver = (db: Database, clock: Clock) =>
  tellRecovered(db, clock, {
    fingerprints: ['a'],
    title: 'a works again',
    text: '',
    repeatIntervalMs: HOUR_MS,
  })

onEachDatabase('whose failure is on its way hears that it is over', async (t, db) => {
  const { raise, drain, clock, told } = await openAlertDesk(t, db)
  const outbox = createOutbox(db, clock)
  await raise('a')
  const batch = await claim(outbox)
  t.match(await itIsOver(db, clock), { kind: 'recovered' })
  await outbox.sent(batch, '1')
  await clock.advance(1_000)
  await drain()
  t.same(told(), ['<b>✅ a works again</b>'])
})

onEachDatabase('whose failure may have arrived hears that it is over', async (t, db) => {
  const { raise, clock } = await openAlertDesk(t, db)
  const outbox = createOutbox(db, clock)
  const failing = { afterMs: () => 1_000, isFailure: true }
  await raise('a')
  await outbox.hold(await claim(outbox), 'nothing was reached', failing)
  await clock.advance(1_000)
  t.equal(await itIsOver(db, clock), null, 'what surely did not arrive needs no end')
  await raise('a')
  await outbox.hold(await claim(outbox), 'no answer', { ...failing, unsure: true })
  t.match(await itIsOver(db, clock), { kind: 'recovered' })
})

onEachDatabase('what becomes critical while it is sent is told as critical too', async (t, db) => {
  const { raise, drain, clock, told, alerts } = await openAlertDesk(t, db)
  const outbox = createOutbox(db, clock)
  await raise('a')
  await raise('b')
  const batch = await claim(outbox)
  await clock.advance(1_000)
  await raise('a', 'critical')
  await outbox.sent(batch, '1')
  t.match(await alerts.get(1), { state: 'queued', severity: 'critical', sentAt: /./ })
  await drain()
  await clock.advance(1_000)
  await drain()
  t.same(told(), ['<b>🔴 a</b>', '<b>b</b>'])
  t.match(await alerts.list({ states: ['sent'] }), [{ id: 2 }, { id: 1 }])
})

onEachDatabase('what did not arrive takes nothing of the hour', async (t, db) => {
  const { raise, clock } = await openAlertDesk(t, db)
  const outbox = createOutbox(db, passing(clock))
  await raise('a', 'critical')
  for (let n = 0; n < 11; n++) {
    const how = { afterMs: () => 1_000, isFailure: true }
    await outbox.hold(await claim(outbox), '502 Bad Gateway', how)
    await clock.advance(2_000)
  }
  await outbox.drop(await claim(outbox), '400 Bad Request', null)
  t.same((await outbox.state()).urgent, [])
})

onEachDatabase('what comes due while a message is chosen is told once', async (t, db) => {
  const { raise, clock, alerts } = await openAlertDesk(t, db)
  const moving = passing(clock)
  const outbox = createOutbox(db, moving)
  for (let n = 1; n <= 6; n++) {
    const { alert } = await raise(`trouble ${n}`, 'critical')
    const due_at = isoTime(new Date(moving.now().getTime() + n))
    await db.kysely.updateTable('alerts').set({ due_at }).where('id', '=', alert.id).execute()
    let batch = await outbox.claim()
    while ('waitMs' in batch) batch = await outbox.claim()
    await outbox.sent(batch, '1')
    t.match(await alerts.get(alert.id), { state: 'sent' }, `due ${n} ms later`)
    await clock.advance(2_000)
  }
})
