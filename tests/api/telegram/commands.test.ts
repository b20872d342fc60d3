import { zone } from '@mc/api/frame/format.ts'
import { readMute } from '@mc/api/telegram/quiet.ts'
import { createMutes } from '@mc/core/alerts/mutes.ts'
import t from 'tap'
import { isTelegramHtml } from '../../support/telegram-html.ts'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

t.test('the commands say how it stands, and do what they say', async (t) => {
  const desk = await startTelegramDesk(t, {
    env: { MC_PUBLIC_URL: 'https://desk.example' },
    times: 300,
  })
  const { bot, db, clock, nouns, said, tell } = desk
  const mutes = createMutes(db, clock)

  bot.write('/status')
  t.match((await said(/<b>Luci<\/b> idle/)).text, /<b>Alerts<\/b> none open\n/)

  bot.write('/ticket Buy <disks> & "tape" !1 #hardware\nThe **old** ones are full.')
  t.match((await said(/Filed/)).text, 'href="https://desk.example/tickets/MC-1"')
  t.match(await nouns.tickets.get(1), {
    title: 'Buy <disks> & "tape"',
    body: 'The **old** ones are full.',
    priority: 'critical',
    labels: ['hardware'],
    source: 'telegram',
  })
  bot.write('/tickets')
  await said(/Open tickets[\s\S]*Buy &lt;disks&gt; &amp;/)
  bot.write('/ticket mc-1')
  await said(/The <b>old<\/b> ones are full/)
  bot.write('/ticket MC-99')
  await said(/There is no ticket MC-99\./)
  t.equal((await nouns.tickets.list({ limit: 9 })).length, 1)

  await tell('backup <failed>')
  bot.write('/inbox')
  const needs = await said(/Needs you[\s\S]*backup &lt;failed&gt;/)
  t.match(needs.buttons, [[{ label: '✓ #1' }, { label: 'Show #1' }]])

  bot.write('/mute 2h')
  await said(/Muted until/)
  t.match(await mutes.inForce(), [{ fingerprint: null, by: 'Ana' }])
  bot.write('/status')
  await said(/🔕 Muted until/)
  bot.write('/mute')
  await said(/for how long/)
  bot.press('Unmute')
  await until('it is ended', async () => (await mutes.inForce()).length === 0)
  bot.write('/mute 2')
  await said(/I do not understand "2"/)

  bot.write('/pause moving <house>')
  await said(/Autonomous action is paused: moving &lt;house&gt;\. What you write to Luci goes on/)
  t.match(await nouns.trust.held(), { reason: 'Autonomous action is paused: moving <house>' })
  bot.write('/resume')
  await said(/No longer paused/)
  t.equal(await nouns.trust.held(), null)

  bot.write('/reboot now')
  await said(/I do not know \/reboot/)
  t.same(await nouns.turns.list(), [], 'no command reaches Luci')
  t.ok(bot.messages.every(({ text }) => isTelegramHtml(text)))
})

t.test('a time is one on the clocks of the quiet hours', async (t) => {
  const night = '22:00-07:00 Asia/Kolkata'
  const { bot, db, clock, said, tell, alerts } = await startTelegramDesk(t, {
    env: { MC_QUIET_HOURS: night },
    times: 300,
  })
  const { id } = await tell('disk')
  bot.press('Tomorrow')
  await until('it sleeps until then', async () =>
    (await alerts.get(id)).snoozedUntil?.includes('T02:30:00'),
  )
  bot.write('/mute until 07:00')
  await said(/Muted until .*, 07:00/)
  t.match(await createMutes(db, clock).inForce(), [{ until: /T01:30:00/ }])
  bot.write('/mute')
  await said(/Muted until .*, 07:00.* for how long/)
  bot.press('Until tomorrow')
  await until('it is until then', async () => {
    const [mute] = await createMutes(db, clock).inForce()
    return mute?.until.includes('T02:30:00') === true
  })
})

t.test('how long to be quiet is understood as it is meant', async (t) => {
  const now = new Date(2026, 2, 2, 22, 30)
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute)
  t.same(
    ['2h', 'for 30m', 'until 07:00', '23.15', 'tomorrow', 'off', '2', '25:00', 'soon', '5s'].map(
      (words) => readMute(words, now, zone()),
    ),
    [at(3, 0, 30), at(2, 23), at(3, 7), at(2, 23, 15), at(3, 8), 'off', null, null, null, null],
  )
})
