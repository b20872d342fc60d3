import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createDeliveries } from '@mc/core/alerts/deliveries.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { createSender, runSender } from '@mc/core/alerts/sender.ts'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import type { Database } from '@mc/db/database.ts'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { type BotApi, startBotApi } from '../../support/bot-api.ts'
import { onEachDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const never = new AbortController().signal
const setUp = openAlertDesk

const texts = (bot: BotApi) => bot.messages.map((message) => message.text.split('\n')[0])

onEachDatabase('alerts go out most urgent first, one a second', async (t, db) => {
  const { bot, clock, alerts, raise, drain } = await setUp(t, db)
  await raise('a')
  await raise('b', 'critical')
  await drain()
  t.same(texts(bot), ['<b>🔴 b</b>'])
  await clock.advance(999)
  await drain()
  t.equal(bot.messages.length, 1)
  await clock.advance(1)
  await drain()
  t.same(texts(bot), ['<b>🔴 b</b>', '<b>a</b>'])
  t.match(await alerts.list(), [
    { state: 'sent', channelRef: '1' },
    { state: 'sent', channelRef: '2' },
  ])
})

onEachDatabase('many that are due go out as one message', async (t, db) => {
  const { bot, raise, drain, alerts } = await setUp(t, db)
  for (let n = 1; n <= 6; n++) await raise(`trouble ${n}`)
  await drain()
  t.equal(bot.messages.length, 1)
  t.match(bot.messages[0]?.text, /6 alerts[\s\S]*trouble 1[\s\S]*trouble 6/)
  t.equal((await alerts.list({ states: ['sent'] })).length, 6)
})

onEachDatabase('a 429 holds the whole channel back for as long as it says', async (t, db) => {
  const { bot, clock, raise, drain } = await setUp(t, db)
  bot.mood = { type: 'too_many', retryAfterS: 17 }
  await raise('a')
  await drain()
  bot.mood = { type: 'ok' }
  await raise('b', 'critical')
  await clock.advance(16_900)
  await drain()
  t.equal(bot.calls.length, 1, 'nothing was asked meanwhile')
  await clock.advance(200)
  await drain()
  await clock.advance(1_000)
  await drain()
  t.same(texts(bot), ['<b>🔴 b</b>', '<b>a</b>'])
})

onEachDatabase(
  'an outage is waited out, then told in one message without what is over',
  async (t, db) => {
    const { bot, clock, alerts, raise, drain } = await setUp(t, db)
    bot.mood = { type: 'server_error', status: 502 }
    for (let n = 1; n <= 5; n++) await raise(`trouble ${n}`)
    await drain()
    bot.mood = { type: 'hang_up' }
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000)
      await drain()
    }
    t.ok(bot.calls.length < 15, `${bot.calls.length} calls in an hour: it backs off`)
    t.ok(bot.calls.length > 5, `${bot.calls.length} calls in an hour: it goes on trying`)
    t.match(await alerts.list(), [{ state: 'queued' }])
    await alerts.resolve('trouble 3')
    bot.mood = { type: 'ok' }
    await clock.advance(15 * 60_000)
    await drain()
    t.equal(bot.messages.length, 1)
    t.match(bot.messages[0]?.text, /Telegram was away for 75 min: 4 alerts still open/)
    t.notMatch(bot.messages[0]?.text, 'trouble 3')
  },
)

onEachDatabase('after a day without a way out an alert expires, visibly', async (t, db) => {
  const { bot, clock, alerts, raise, drain } = await setUp(t, db)
  bot.mood = { type: 'server_error', status: 502 }
  await raise('a')
  await drain()
  await clock.advance(24 * 3_600_000)
  bot.mood = { type: 'ok' }
  await drain()
  t.match(await alerts.list(), [{ state: 'expired', lastError: /within a day/ }])
  t.equal(bot.messages.length, 0)
  await raise('c')
  await drain()
  t.match(
    bot.messages[0]?.text,
    /it broke\nTelegram was away for 24 h: 1 alert still open, 1 more expired unheard\n#2/,
  )
  const over = { fingerprints: ['a'], title: 'a works again', text: '', repeatIntervalMs: 1 }
  t.equal(await tellRecovered(db, clock, over), null, 'nobody had heard of it')
  t.same(await alerts.list({ tab: 'open', states: ['expired'] }), [], 'it ends with its trouble')
})

onEachDatabase('however long the outage, the urgent wait for its end', async (t, db) => {
  const { bot, clock, alerts, raise, drain, told } = await setUp(t, db)
  bot.mood = { type: 'hang_up' }
  await raise('disk', 'critical')
  await raise('token', 'normal', 'auth')
  await raise('a')
  await raise('over', 'normal', 'recovered')
  await drain()
  await clock.advance(30 * 3_600_000)
  bot.mood = { type: 'ok' }
  await drain()
  t.same(told(), ['<b>Telegram was away for 30 h: 2 alerts still open, 1 more expired unheard</b>'])
  t.match(await alerts.list({ states: ['resolved'] }), [{ id: 4, resolvedAt: /./ }])
})

onEachDatabase(
  'what is told again or urgent returns with its channel, however old',
  async (t, db) => {
    const { bot, clock, raise, pass, told, alerts } = await setUp(t, db)
    await raise('again')
    await pass(2_000)
    bot.mood = { type: 'error', code: 403, description: 'Forbidden: bot was kicked' }
    await raise('old')
    await raise('disk', 'critical')
    await pass(4_000)
    await clock.advance(30 * 3_600_000)
    t.match(await raise('again'), { status: 'again' })
    await pass(2_000)
    t.equal((await alerts.list({ states: ['undelivered'] })).length, 3)
    bot.mood = { type: 'ok' }
    await raise('new')
    await pass(5_000)
    t.same(told().slice(1), ['<b>new</b>', '<b>🔴 disk</b>', '<b>again</b>'])
  },
)

onEachDatabase('a wrong token is said once, and nowhere is the token written', async (t, db) => {
  const token = '999999:WRONG-but-still-secret-token-000000'
  const { bot, clock, alerts, raise, drain, lines } = await setUp(t, db, { token })
  await raise('a')
  await drain()
  await clock.advance(1_000)
  await raise('b')
  await drain()
  t.match(await alerts.list(), [
    { state: 'undelivered', lastError: '401: Unauthorized' },
    { state: 'undelivered' },
  ])
  t.equal(lines.filter((line) => line.includes('MC_TELEGRAM_TOKEN')).length, 1)
  await bot.close()
  await clock.advance(1_000)
  await raise('c')
  await drain()
  const written = JSON.stringify([lines, await alerts.list(), await settingsOf(db)])
  t.match(written, 'bot[token]/sendMessage failed')
  t.notMatch(written, 'still-secret')
})

onEachDatabase('a repaired chat delivers what could not be delivered', async (t, db) => {
  const { bot, clock, alerts, raise, drain, lines } = await setUp(t, db)
  bot.mood = { type: 'error', code: 403, description: 'Forbidden: bot was kicked' }
  await raise('a')
  await drain()
  t.match(await alerts.list(), [{ state: 'undelivered' }])
  bot.mood = { type: 'ok' }
  await clock.advance(1_000)
  await raise('b')
  await drain()
  await clock.advance(1_000)
  await drain()
  t.same(texts(bot), ['<b>b</b>', '<b>a</b>'])
  t.equal(lines.filter((line) => line.includes('refuses')).length, 1)
})

onEachDatabase('a chat that does not exist leaves alerts undelivered', async (t, db) => {
  const { alerts, raise, drain } = await setUp(t, db, { chatId: '7' })
  await raise('a')
  await drain()
  t.match(await alerts.list(), [{ state: 'undelivered', lastError: /chat not found/ }])
})

onEachDatabase('without a token alerts stay on the page, said once', async (t, db) => {
  const { bot, alerts, raise, drain, lines } = await setUp(t, db, { token: null })
  await raise('a')
  await drain()
  await raise('b')
  await drain()
  t.match(await alerts.list(), [{ state: 'undelivered' }, { state: 'undelivered' }])
  t.equal(lines.length, 1)
  t.equal(bot.calls.length, 0)
})

onEachDatabase('a snoozed alert wakes at its time', async (t, db) => {
  const { bot, clock, alerts, raise, drain } = await setUp(t, db)
  const { alert } = await raise('a')
  await alerts.snooze(alert.id, new Date(clock.now().getTime() + 60_000))
  await drain()
  t.equal(bot.messages.length, 0)
  await clock.advance(60_000)
  await drain()
  t.equal(bot.messages.length, 1)
})

onEachDatabase(
  'a sender that died in the middle is followed by the next, under the same id',
  async (t, db) => {
    const { bot, clock, raise, drain, telegram, log } = await setUp(t, db)
    await raise('a')
    const dying = createSender({ db, clock, log, telegram })
    bot.mood = { type: 'ok' }
    // It sent, and died before it could note it.
    const broken = { ...db, transaction: brokenAfter(db, 1) }
    await t.rejects(createSender({ db: broken, clock, log, telegram }).sendOnce(never), /died/)
    await clock.advance(59_000)
    t.notOk(await dying.sendOnce(never))
    await clock.advance(2_000)
    await drain()
    t.same(
      bot.messages.map((message) => message.text.split('\n').at(-1)),
      ['#1', '#1 · sent again: it may have arrived before'],
    )
    t.match(await createDeliveries(db, clock).of(1), [
      { state: 'sent', tries: 2, repeated: true, ref: '2' },
    ])
  },
)

onEachDatabase('two senders on one database send each alert once', async (t, db) => {
  const bot = await startBotApi(t)
  const bells = [await openBell(db, systemClock), await openBell(db, systemClock)]
  const stop = new AbortController()
  const telegram = { token: bot.token, chatId: '42', allowedUsers: [], apiRoot: bot.url }
  const senders = bells.map((bell) =>
    runSender({ db, bell, clock: systemClock, log: silentLog, telegram }, stop.signal),
  )
  t.teardown(async () => {
    stop.abort()
    await Promise.all(senders)
    for (const bell of bells) await bell.close()
  })
  const alerts = createAlerts(db, systemClock, { repeatIntervalMs: 1_000_000 })
  for (const name of ['a', 'b'])
    await alerts.raise({ fingerprint: name, kind: 'failed', title: name, text: '' })
  await until('both are sent', async () => (await alerts.list({ states: ['sent'] })).length === 2)
  t.same(texts(bot).sort(), ['<b>a</b>', '<b>b</b>'])
})

const settingsOf = (db: Database) => db.kysely.selectFrom('settings').selectAll().execute()

/** The first `whole` transactions work; then the process is as good as dead. */
const brokenAfter = (db: Database, whole: number): Database['transaction'] => {
  let count = 0
  return (work) => {
    count += 1
    if (count > whole) throw new Error('died')
    return db.transaction(work)
  }
}
