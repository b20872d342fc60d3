import t from 'tap'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

const HOUR = 3_600_000

t.test('Acknowledge does so, and its buttons become what was done, by whom', async (t) => {
  const { bot, alerts, tell, toasted } = await startTelegramDesk(t)
  const { id } = await tell('backup failed')
  t.same(
    bot.messages.at(-1)?.buttons.map((row) => row.map(({ label }) => label)),
    [
      ['✓ Acknowledge', 'Ticket', 'Show'],
      ['Snooze 1 h', '4 h', 'Tomorrow'],
    ],
  )
  bot.press('✓ Acknowledge')
  await toasted(/^✓ Acknowledged by Ana$/)
  t.match(await alerts.get(id), { state: 'acknowledged', acknowledgedBy: 'Ana (Telegram)' })
  await until('the buttons are gone', () => bot.messages.at(-1)?.edits === 1)
  t.match(bot.messages.at(-1)?.buttons, [[{ label: '✓ Acknowledged by Ana', data: 'mc:done' }]])
  bot.press('✓ Acknowledged by Ana')
  await toasted(/It is done/)
})

t.test('a press works once: the second, by somebody else, hears who was first', async (t) => {
  const { bot, alerts, tell, toasted } = await startTelegramDesk(t)
  const { id } = await tell('backup failed')
  const buttons = bot.messages.at(-1)?.buttons.flat() ?? []
  const dataOf = (label: string) => buttons.find((one) => one.label === label)?.data ?? ''
  bot.press('Snooze 1 h')
  await toasted(/^💤 until .* by Ana$/)
  const ben = { id: 43, name: 'Ben', chatId: '42' }
  bot.press('x', { from: ben, data: dataOf('Snooze 1 h') })
  bot.press('x', { from: ben, data: dataOf('✓ Acknowledge') })
  await until('both are answered', () => bot.toasts.length === 3)
  for (const { text } of bot.toasts.slice(1)) t.match(text, /^Done before\. 💤 until .* by Ana$/)
  t.match(await alerts.get(id), { state: 'snoozed' })
})

t.test('Ticket files one and leads there; Show tells the whole', async (t) => {
  const { bot, alerts, nouns, tell, toasted, said } = await startTelegramDesk(t, {
    env: { MC_PUBLIC_URL: 'https://desk.example' },
  })
  const { id } = await tell('backup failed', 'disk <full>\nat /dev/sda')
  bot.press('Show')
  const shown = await said(/disk &lt;full&gt;\nat \/dev\/sda/)
  t.match(shown.text, `href="https://desk.example/alerts/${id}"`)
  bot.press('Show')
  await toasted(/shown before/)
  bot.press('Ticket')
  await toasted(/^🎫 MC-1 by Ana$/)
  t.match(await nouns.tickets.list(), [{ title: 'backup failed', source: 'telegram' }])
  t.match(await alerts.get(id), { state: 'acknowledged', ticketId: 1 })
})

t.test('what is over by then stays over', async (t) => {
  const { bot, alerts, tell, toasted } = await startTelegramDesk(t)
  const { id } = await tell('backup failed')
  await alerts.resolve('backup failed')
  bot.press('Snooze 1 h')
  await toasted(/^✅ Over since/)
  t.match(await alerts.get(id), { state: 'resolved' })
})

t.test(
  'after two days, in another chat or made up, a button does nothing and says so',
  async (t) => {
    const { bot, alerts, db, clock, tell, toasted } = await startTelegramDesk(t)
    const { id } = await tell('backup failed')
    const data = bot.messages.at(-1)?.buttons[0]?.[0]?.data ?? ''
    await db.kysely
      .updateTable('telegram_buttons')
      .set({ chat_id: '77' })
      .where('token', '=', data.slice(3))
      .execute()
    bot.press('✓ Acknowledge')
    await toasted(/not known here/)
    bot.press('x', { data: 'mc:AAAAAAAAAAAAAAAAAAAA' })
    await until('it is answered', () => bot.toasts.length === 2)
    const past = new Date(clock.now().getTime() - HOUR).toISOString()
    await db.kysely.updateTable('telegram_buttons').set({ expires_at: past }).execute()
    bot.press('Snooze 1 h')
    await toasted(/more than two days old/)
    t.match(await alerts.get(id), { state: 'sent' })
  },
)

t.test('several that were told as one are done with together, or one by one', async (t) => {
  const { bot, alerts, deps, db, clock, toasted, said, tell } = await startTelegramDesk(t)
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await alerts.raise({ fingerprint: name, kind: 'failed', title: `${name} failed`, text: 'x' })
  await tell('f failed')
  const list = await said(/a failed/)
  t.same(
    list.buttons[0]?.map(({ label }) => label),
    ['✓ Acknowledge all 6', 'Show'],
  )
  bot.press('Show')
  await until('each has its row', () => bot.messages.at(-1)?.buttons.length === 6)
  bot.press(/^✓ #1$/)
  await toasted(/^✓ Acknowledged by Ana$/)
  await until('its row says so', () => bot.messages.at(-1)?.edits === 1)
  t.match(bot.messages.at(-1)?.buttons[0], [{ label: '✓ Acknowledged by Ana' }])
  t.equal(bot.messages.at(-1)?.buttons[1]?.length, 2, 'the others stay')
  t.match(await alerts.list({ states: ['acknowledged'] }), { length: 1 })
  bot.press('x', { data: list.buttons[0]?.[0]?.data ?? '' })
  await toasted(/^✓ 6 acknowledged by Ana$/)
  t.match(await alerts.list({ states: ['acknowledged'] }), { length: 6 })
  t.ok(deps && db && clock)
})
