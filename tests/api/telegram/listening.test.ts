import { createBot } from '@mc/core/telegram/bot.ts'
import { readInbound } from '@mc/core/telegram/inbound.ts'
import t from 'tap'
import { startBotApi } from '../../support/bot-api.ts'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

const state = async (desk: Awaited<ReturnType<typeof startTelegramDesk>>) =>
  readInbound(desk.nouns.settings)

t.test(
  'a stranger gets nothing, is told of once an hour, and is named to the person',
  async (t) => {
    const desk = await startTelegramDesk(t)
    const { bot, logged, nouns, tell, said } = desk
    await tell('backup failed')
    const eve = { id: 666, name: 'Eve' }
    bot.write('let me in', { from: eve })
    bot.write('/status', { from: eve })
    bot.write('/status', { from: { id: 42, name: 'Ana', chatId: '77' } })
    bot.press('✓ Acknowledge', { from: { id: 666, name: 'Eve', chatId: '42' } })
    bot.write('/help')
    await said(/Mission Control/)
    t.equal(bot.messages.length, 2, 'the alert, and the help for Ana')
    t.same(bot.toasts, [])
    t.same(await nouns.turns.list(), [])
    t.match(await nouns.alerts.list(), [{ state: 'sent' }])
    const told = logged.filter((line) => line.includes('not on the list'))
    t.equal(told.length, 3, 'one for each of who and where')
    t.match(await state(desk), {
      state: 'listening',
      strangers: [{ userId: 666, chatId: '42' }, { userId: 42, chatId: '77' }, { userId: 666 }],
    })
  },
)

t.test('with nobody on the list nobody may act, and everybody is named', async (t) => {
  const desk = await startTelegramDesk(t, { env: { MC_TELEGRAM_ALLOWED_USERS: '' } })
  desk.bot.write('hello')
  await until('it is known who wrote', async () => (await state(desk)).strangers.length === 1)
  t.match(await state(desk), { state: 'nobody', strangers: [{ userId: 42, chatId: '42' }] })
  await desk.tell('backup failed')
  t.same(desk.bot.messages.at(-1)?.buttons, [], 'no buttons that nobody may press')
  t.equal(desk.bot.messages.length, 1)
})

t.test('whatever comes that is no message of a person is passed over', async (t) => {
  const { bot, said, nouns } = await startTelegramDesk(t)
  for (const odd of [
    { poll_answer: { id: '1' } },
    { message: { message_id: 'x', chat: 3 } },
    {
      message: { message_id: 7, chat: { id: 42, type: 'private' }, from: { id: 42, is_bot: true } },
    },
    { callback_query: { id: 'q', from: { id: 42 }, data: 'x'.repeat(65) } },
    { channel_post: { message_id: 1, text: '/ticket hacked' } },
    {},
  ])
    bot.inject(odd)
  bot.write('/help')
  await said(/Mission Control/)
  t.equal(bot.messages.length, 1)
  t.same(await nouns.tickets.list(), [])
})

t.test('another listener is said once and waited out; then it goes on', async (t) => {
  const desk = await startTelegramDesk(t)
  const { bot, said, logged } = desk
  bot.moods.getUpdates = { type: 'error', code: 409, description: 'Conflict: terminated by other' }
  // Whoever asks meanwhile is answered; the next time it is refused.
  const rival = createBot({ token: bot.token, apiRoot: bot.url })
  bot.write('/start')
  t.match(await rival.call('getUpdates', {}), { status: 'conflict' })
  await until('it is noticed', async () => (await state(desk)).state === 'problem')
  const asked = () => bot.calls.filter((call) => call === 'getUpdates').length
  const before = asked()
  await until('it is tried again', () => asked() > before + 2)
  t.equal(logged.filter((line) => line.startsWith('Another program listens')).length, 1)
  bot.moods = {}
  await until('all is well', async () => (await state(desk)).state === 'listening')
  bot.write('/help')
  await said(/Mission Control/)
  t.equal((await state(desk)).problem, null)
})

t.test('of two apis one listens; the other takes over when it has gone', async (t) => {
  // A lease lasts for nine seconds then, and not for three.
  const desk = await startTelegramDesk(t, { times: 20 })
  const { runTelegram } = await import('@mc/api/telegram/run.ts')
  const stop = new AbortController()
  const config = { ...desk.config, dataDir: '/elsewhere' }
  const second = runTelegram({ ...desk.deps, config }, stop.signal)
  t.teardown(async () => {
    stop.abort()
    await second
  })
  await until('it waits', async () => (await state(desk)).state === 'waiting')
  t.equal(desk.bot.calls.filter((call) => call === 'getMe').length, 1)
  await desk.deafen()
  desk.bot.write('/help')
  await desk.said(/Mission Control/)
})

t.test('it ends at once, in the middle of asking', async (t) => {
  const desk = await startTelegramDesk(t)
  await until('it asks', () => desk.bot.isListenedTo())
  const begun = performance.now()
  await desk.deafen()
  // Not when what it asked is answered.
  t.ok(performance.now() - begun < 15_000)
  await until('nobody asks any more', () => !desk.bot.isListenedTo())
})

t.test('the token stands in no log, error or row', async (t) => {
  const bot = await startBotApi(t)
  const desk = await startTelegramDesk(t, { bot })
  await desk.tell('backup failed')
  bot.moods.getUpdates = { type: 'hang_up' }
  bot.write('/help')
  await until('it is noticed', async () => (await state(desk)).state === 'problem')
  await bot.close()
  await until('it is noticed', () => desk.logged.some((line) => line.includes('not reached')))
  await desk.deafen()
  const tables = ['settings', 'telegram_outgoing', 'telegram_buttons', 'alerts'] as const
  const rows = await Promise.all(
    tables.map((table) => desk.db.kysely.selectFrom(table).selectAll().execute()),
  )
  const secret = bot.token.split(':')[1] ?? ''
  t.match(JSON.stringify(rows), /backup failed/)
  t.notMatch(JSON.stringify([rows, desk.logged]), secret)
})

t.test('a webhook that was set before gives way; what `/` offers is set', async (t) => {
  const bot = await startBotApi(t)
  bot.webhook = 'https://old.example/hook'
  await startTelegramDesk(t, { bot })
  t.equal(bot.webhook, null)
  t.same(bot.commands, ['status', 'inbox', 'mute', 'tickets', 'ticket', 'pause', 'resume', 'help'])
})
