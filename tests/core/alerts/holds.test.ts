import { parseQuietHours } from '@mc/core/alerts/quiet-hours.ts'
import { setQuietHours } from '@mc/core/alerts/quiet-setting.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import t from 'tap'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000
const quiet = (text: string) => parseQuietHours(text, 'UTC')

onEachDatabase(
  'quiet hours hold back what is not urgent and end in one summary, over a change of the clocks',
  async (t, db) => {
    const { raise, drain, pass, told, alerts, bot, clock, sender } = await openAlertDesk(t, db, {
      start: '2026-03-28T22:00:00.000Z',
      alerting: { quiet: quiet('22:00-07:00 Europe/Berlin') },
    })
    for (const name of ['a', 'b', 'over by morning']) await raise(name)
    await raise('token', 'normal', 'auth')
    await drain()
    t.same(told(), ['<b>token</b>'])
    t.match(await alerts.list({ tab: 'open' }), [
      { state: 'sent' },
      { state: 'queued', held: 'quiet', dueAt: '2026-03-29T05:00:00.000Z' },
      { held: 'quiet' },
      { held: 'quiet' },
    ])
    t.equal(await sender.dueIn(24 * HOUR_MS), 7 * HOUR_MS, 'it wakes at 07:00 there')
    await raise('disk', 'critical')
    await clock.advance(1_000)
    await drain()
    await alerts.resolve('over by morning')
    await pass(7 * HOUR_MS - 2_000, HOUR_MS)
    t.match(bot.messages.at(-1)?.text, /Quiet hours are over: 2 alerts<\/b>\n#1 a\n#2 b$/)
    t.equal(told().length, 3)
    await raise('by day')
    await clock.advance(1_000)
    await drain()
    t.equal(told().at(-1), '<b>by day</b>')
  },
)

t.test('what a person stores wins over the environment, and counts at once', async (t) => {
  const db = await sqliteDatabase(t)
  const { raise, drain, told, clock, bot } = await openAlertDesk(t, db, {
    start: '2026-03-02T23:00:00.000Z',
    alerting: { quiet: quiet('22:00-07:00') },
  })
  await raise('a')
  await raise('b')
  await drain()
  t.same(told(), [])
  await setQuietHours(createSettings(db, clock), null, 'person')
  await drain()
  t.match(
    bot.messages.map((message) => message.text),
    [/Quiet hours are over: 2 alerts/],
  )
  await setQuietHours(createSettings(db, clock), quiet('23:00-23:30'), 'person')
  await raise('c')
  await clock.advance(1_000)
  await drain()
  t.equal(told().length, 1)
  await clock.advance(30 * 60_000)
  await drain()
  t.equal(told().at(-1), '<b>c</b>', 'one alone comes as it is')
})

t.test('a weekend of quiet does not let an alert expire', async (t) => {
  const { raise, drain, pass, told } = await openAlertDesk(t, await sqliteDatabase(t), {
    start: '2026-03-07T01:00:00.000Z',
    alerting: { quiet: quiet('00:00-00:00 UTC sat-sun') },
  })
  await raise('a')
  await drain()
  await pass(47 * HOUR_MS, HOUR_MS)
  t.same(told(), ['<b>a</b>'])
})

t.test('a mute of everything lets the urgent through, and ends in one summary', async (t) => {
  const { raise, drain, clock, mutes, bot, told, alerts } = await openAlertDesk(
    t,
    await sqliteDatabase(t),
  )
  await mutes.mute({ until: new Date(clock.now().getTime() + HOUR_MS), by: 'person' })
  await raise('a')
  await raise('b')
  await raise('fire', 'critical')
  await drain()
  t.same(told(), ['<b>🔴 fire</b>'])
  t.match(await alerts.list({ tab: 'quiet' }), [{ title: 'b', held: 'mute' }, { title: 'a' }])
  t.same(
    (await alerts.list({ tab: 'open' })).map(({ title }) => title),
    ['fire'],
  )
  await clock.advance(HOUR_MS)
  await drain()
  t.match(bot.messages.at(-1)?.text, /No longer muted: 2 alerts/)
})

t.test(
  'one trouble is muted by itself, urgent or not, and told when the mute is ended',
  async (t) => {
    const { raise, drain, clock, mutes, told } = await openAlertDesk(t, await sqliteDatabase(t))
    const until = new Date(clock.now().getTime() + 24 * HOUR_MS)
    const { id } = await mutes.mute({ fingerprint: 'fire', until, by: 'person', reason: 'drill' })
    await raise('fire', 'critical')
    await raise('other')
    await drain()
    t.same(told(), ['<b>other</b>'])
    t.match(await mutes.inForce(), [{ id, fingerprint: 'fire', reason: 'drill', by: 'person' }])
    await mutes.mute({ fingerprint: 'fire', until: new Date(until.getTime() + 1), by: 'person' })
    t.equal((await mutes.inForce()).length, 1, 'a second of the same takes its place')
    await mutes.end(id + 1, 'person')
    await clock.advance(1_000)
    await drain()
    t.equal(told().at(-1), '<b>🔴 fire</b>')
    await t.rejects(mutes.end(id, 'person'), { code: 'not_found' })
    await t.rejects(mutes.mute({ until: clock.now(), by: 'person' }), { code: 'invalid' })
  },
)
