import { createChannelDesk } from '@mc/core/alerts/channel-health.ts'
import { createDeliveries } from '@mc/core/alerts/deliveries.ts'
import type { Database } from '@mc/db/database.ts'
import t, { type Test } from 'tap'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'
import { startSmtpServer } from '../../support/smtp-server.ts'
import { startWebhookServer } from '../../support/webhook-server.ts'

const MINUTE_MS = 60_000

const setUp = async (t: Test, db: Database, over = {}) => {
  const hook = await startWebhookServer(t)
  const webhook = { url: `${hook.url}/a-secret-path-1234`, shape: 'json' as const, token: null }
  const desk = await openAlertDesk(t, db, { alerting: { webhook }, ...over })
  return { ...desk, hook, webhook, posted: () => hook.calls.map((call) => call.body.title) }
}

onEachDatabase(
  'while Telegram is broken another channel takes all, until it is mended',
  async (t, db) => {
    const { bot, hook, raise, drain, clock, alerts, posted, told, lines, sender } = await setUp(
      t,
      db,
    )
    bot.mood = { type: 'error', code: 403, description: 'Forbidden: bot was kicked' }
    await raise('a')
    await drain()
    t.same(posted(), ['a'], 'it goes at once')
    t.match(await alerts.list(), [{ state: 'sent', channelRef: 'accepted' }])
    t.match(await createDeliveries(db, clock).of(1), [
      { channel: 'telegram', state: 'failed', error: /kicked/ },
      { channel: 'webhook', state: 'sent' },
    ])
    await clock.advance(1_000)
    await raise('b')
    await drain()
    t.same(posted(), ['a', 'b'])
    t.equal(bot.calls.length, 1, 'what is broken is not asked each time')
    t.equal(lines.filter((line) => line.includes('refuses')).length, 1)

    bot.mood = { type: 'ok' }
    await clock.advance(15 * MINUTE_MS)
    await raise('c')
    await drain()
    t.same(told(), ['<b>c</b>'], 'now and then it is')
    t.equal(hook.calls.length, 2)
    await clock.advance(1_000)
    await raise('d')
    await drain()
    t.same(told(), ['<b>c</b>', '<b>d</b>'])
    t.equal(await sender.dueIn(MINUTE_MS), MINUTE_MS)
  },
)

t.test('the urgent do not wait longer than five minutes for a Telegram that is away', async (t) => {
  const { bot, raise, drain, pass, posted, told } = await setUp(t, await sqliteDatabase(t))
  bot.mood = { type: 'hang_up' }
  await raise('fire', 'critical')
  await raise('normal')
  await drain()
  await pass(5 * MINUTE_MS - 10_000, 10_000)
  t.same(posted(), [])
  await pass(20_000, 10_000)
  t.same(posted(), ['fire'], 'what is not urgent goes on waiting')
  bot.mood = { type: 'ok' }
  await pass(15 * MINUTE_MS, MINUTE_MS)
  t.same(told(), ['<b>normal</b>'], 'and the urgent are not told a second time')
})

t.test(
  'when both are broken alerts stay on the page, and return with the first that works',
  async (t) => {
    const { bot, hook, raise, drain, clock, alerts, posted } = await setUp(
      t,
      await sqliteDatabase(t),
    )
    bot.mood = { type: 'error', code: 401, description: 'Unauthorized' }
    hook.answer = { status: 404 }
    await raise('a')
    await drain()
    t.match(await alerts.list(), [{ state: 'undelivered', lastError: /404/ }])
    hook.answer = { status: 200 }
    await clock.advance(1_000)
    await raise('b')
    await drain()
    await clock.advance(1_000)
    await drain()
    t.same(posted().slice(1), ['b', 'a'])
  },
)

t.test('without Telegram e-mail alone tells; a test message mends what was broken', async (t) => {
  const smtp = await startSmtpServer(t)
  const db = await sqliteDatabase(t)
  const email = { url: smtp.url, from: 'desk@example.org', to: ['ana@example.org'] }
  const { raise, drain, alerts, clock, telegram } = await openAlertDesk(t, db, {
    token: null,
    alerting: { email },
  })
  smtp.answers = { RCPT: '550 no such mailbox' }
  await raise('a', 'critical')
  await drain()
  t.match(await alerts.list(), [{ state: 'undelivered' }])
  const http = { publicUrl: null }
  const channels = createChannelDesk(db, clock, {
    telegram,
    http,
    alerting: { quiet: null, webhook: null, email, fallbackAfterMs: 1 },
  })
  t.match(await channels.health(), [{ name: 'email', role: 'first', problem: /no such mailbox/ }])
  smtp.answers = {}
  const { signal } = new AbortController()
  await t.rejects(channels.try('telegram', signal), { code: 'not_found' })
  await t.rejects(
    channels.try(undefined, signal),
    { code: 'unavailable' },
    'the pace holds here too',
  )
  await clock.advance(1_000)
  t.match(await channels.try(undefined, signal), { channel: 'email', status: 'sent' })
  t.match(await channels.health(), [{ problem: null, told: { count: 0 } }])
  await clock.advance(1_000)
  await drain()
  t.match(
    smtp.mails.map((mail) => /^Subject: (.*)$/m.exec(mail.data)?.[1]),
    ['Test', '[urgent] a'],
  )
})
