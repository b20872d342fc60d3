import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createDeliveries } from '@mc/core/alerts/deliveries.ts'
import { eventsOf } from '@mc/core/alerts/events.ts'
import { createMutes } from '@mc/core/alerts/mutes.ts'
import { ticketFromAlert } from '@mc/core/alerts/ticket.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import t from 'tap'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000

onEachDatabase('trouble that goes on is one alert, counted and told again', async (t, db) => {
  const { raise, drain, clock, bot, alerts } = await openAlertDesk(t, db)
  t.match(await raise('a'), { status: 'raised', alert: { id: 1, occurrences: 1 } })
  t.match(await raise('a'), { status: 'counted', alert: { id: 1, occurrences: 2 } })
  await drain()
  t.match(bot.messages[0]?.text, '#1 · 2 times')
  await clock.advance(4 * HOUR_MS - 1)
  t.equal((await raise('a')).status, 'counted')
  await clock.advance(1)
  t.match(await raise('a'), { status: 'again', alert: { id: 1, state: 'queued', repeats: 1 } })
  await drain()
  t.match(bot.messages[1]?.text, '#1 · 4 times · reminder 1')
  await alerts.resolve('a')
  t.match(await raise('a'), { status: 'raised', alert: { id: 2 } }, 'what was over is a new one')
})

t.test('what was acknowledged and still fires is told again after a day', async (t) => {
  const { raise, drain, clock, alerts, bot } = await openAlertDesk(t, await sqliteDatabase(t))
  const { alert } = await raise('a')
  await drain()
  await alerts.acknowledge(alert.id, 'person')
  await clock.advance(23 * HOUR_MS)
  t.equal((await raise('a')).status, 'counted')
  await clock.advance(HOUR_MS)
  t.equal((await raise('a')).status, 'again')
  await drain()
  t.equal(bot.messages.length, 2)
  t.match(await alerts.get(alert.id), { state: 'sent', acknowledgedAt: null })
})

t.test('what becomes critical is told at once, acknowledged or held back', async (t) => {
  const { raise, drain, clock, alerts, mutes, told } = await openAlertDesk(
    t,
    await sqliteDatabase(t),
  )
  await mutes.mute({ until: new Date(clock.now().getTime() + HOUR_MS), by: 'person' })
  const { alert } = await raise('a')
  await drain()
  t.same(told(), [])
  await raise('a', 'critical')
  await drain()
  t.same(told(), ['<b>🔴 a</b>'])
  t.match(await alerts.get(alert.id), { id: 1, severity: 'critical', occurrences: 2 })
})

t.test('a snoozed alert sleeps through more of the same, and wakes as a reminder', async (t) => {
  const { raise, drain, clock, alerts, told } = await openAlertDesk(t, await sqliteDatabase(t))
  const { alert } = await raise('a')
  await drain()
  await alerts.snooze(alert.id, new Date(clock.now().getTime() + 6 * HOUR_MS))
  await clock.advance(5 * HOUR_MS)
  t.equal((await raise('a')).status, 'counted')
  await drain()
  t.equal(told().length, 1)
  await clock.advance(HOUR_MS)
  await drain()
  t.equal(told().length, 2)
})

t.test('that something recovered is told, and asks nothing of anybody', async (t) => {
  const { raise, drain, alerts, told } = await openAlertDesk(t, await sqliteDatabase(t))
  await raise('recovered:1', 'normal', 'recovered')
  await drain()
  t.equal(told().length, 1)
  t.same(await alerts.list({ tab: 'open' }), [])
})

onEachDatabase('an alert becomes one ticket, and its story has it all', async (t, db) => {
  const { raise, drain, clock, alerts } = await openAlertDesk(t, db)
  const { alert } = await raise('a', 'critical')
  await drain()
  const by = { actor: 'person', source: 'composer' }
  const first = await ticketFromAlert(db, clock, alert.id, by)
  t.match(first, {
    status: 'filed',
    ticket: { title: 'a', priority: 'critical', fingerprint: 'a' },
  })
  t.equal((await ticketFromAlert(db, clock, alert.id, by)).ticket.id, first.ticket.id)
  await clock.advance(1_000)
  await alerts.acknowledge(alert.id, 'person')
  await alerts.close(alert.id)
  await alerts.close(alert.id)
  await t.rejects(alerts.acknowledge(alert.id, 'person'), { code: 'conflict' })
  t.match(await eventsOf(db, alert.id), [
    { kind: 'raised', actor: null },
    { kind: 'ticket', actor: 'person', detail: String(first.ticket.id) },
    { kind: 'acknowledged', actor: 'person' },
    { kind: 'resolved', actor: 'person' },
  ])
  t.match(await createDeliveries(db, clock).of(alert.id), [
    { channel: 'telegram', state: 'sent', ref: '1', tries: 1, repeated: false },
  ])
  t.same((await alerts.list({ tab: 'all' })).length, 1)
})

onEachDatabase('of two that are at one alert at once, neither undoes the other', async (t, db) => {
  const clock = createTestClock()
  const alerts = createAlerts(db, clock, { repeatIntervalMs: HOUR_MS })
  const mutes = createMutes(db, clock)
  const by = { actor: 'person' }
  for (let round = 0; round < 6; round += 1) {
    const told = async (name: string) => {
      const fingerprint = `${name} ${round}`
      const raise = () => alerts.raise({ fingerprint, kind: 'failed', title: name, text: '' })
      const { id } = (await raise()).alert
      const sent_at = clock.now().toISOString()
      await db.kysely.updateTable('alerts').set({ state: 'sent', sent_at }).execute()
      return { id, raise, fingerprint }
    }
    const [seen, over, filed] = [await told('seen'), await told('over'), await told('filed')]
    await clock.advance(HOUR_MS)
    await Promise.all([seen.raise(), alerts.acknowledge(seen.id, 'person')])
    t.match(await alerts.get(seen.id), { state: 'acknowledged', occurrences: 2 })
    await Promise.all([over.raise(), alerts.close(over.id), alerts.close(over.id)])
    t.equal((await alerts.get(over.id)).state, 'resolved')
    t.equal((await eventsOf(db, over.id)).filter(({ kind }) => kind === 'resolved').length, 1)
    const make = () => ticketFromAlert(db, clock, filed.id, by)
    const [{ ticket }] = await Promise.all([make(), make()])
    t.equal((await createTickets(db, clock).get(ticket.id)).occurrences, 1, 'asked for twice')
    const mute = () =>
      mutes.mute({ ...filed, until: new Date(clock.now().getTime() + HOUR_MS / 2), by: 'person' })
    await Promise.all([mute(), mute()])
    t.equal((await mutes.inForce()).length, 1)
  }
})
