import { createOutbox } from '@mc/core/alerts/outbox.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Database } from '@mc/db/database.ts'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { onEachDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000

const claim = async (outbox: ReturnType<typeof createOutbox>) => {
  const batch = await outbox.claim()
  if ('waitMs' in batch) throw new Error('Expected something to send, got nothing')
  return batch
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
