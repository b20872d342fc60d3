import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createSender } from '@mc/core/alerts/sender.ts'
import { silentLog } from '@mc/core/log.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { startWebhookServer } from '../support/webhook-server.ts'
import { asAgent, asCli, openPage, signInBy, submit } from './desk.ts'

const start = async (t: Test, env: Record<string, string> = {}) => {
  const clock = createTestClock()
  const running = await startApp(t, { listen: false, clock, env })
  const alerts = createAlerts(running.db, clock, { repeatIntervalMs: 1 })
  const raise = (name: string, kind = 'failed') =>
    alerts.raise({ fingerprint: name, kind, title: `${name} broke`, text: 'it broke' })
  const { db, config } = running
  const sender = createSender({ db, clock, log: silentLog, ...config })
  const send = () => sender.sendOnce(new AbortController().signal)
  const look = async (url: string) => {
    const page = await openPage(running, await session, url)
    return page.body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  }
  const session = signInBy(running)
  const form = async (url: string, fields: Record<string, string>) =>
    submit(running, await session, url, { _back: '/alerts', ...fields })
  return { running, clock, raise, send, look, form, alerts }
}

t.test('an alert’s page tells its story, also of what a mute held back', async (t) => {
  const hook = await startWebhookServer(t)
  const { running, raise, send, look, form, clock } = await start(t, {
    MC_ALERT_WEBHOOK_URL: `${hook.url}/hook`,
  })
  await raise('disk')
  await send()
  await clock.advance(1_000)
  await form('/api/v1/alerts/1/ticket', {})
  await form('/api/v1/alerts/1/acknowledge', {})
  t.match(
    await look('/alerts/1'),
    /disk broke.*Acknowledged.*MC-1.*Raised.*Sent by Webhook.*message accepted.*Became a ticket by you.*Acknowledged by you/,
  )
  t.match(await look('/alerts?tab=quiet'), 'disk broke')
  t.notMatch(await look('/alerts'), 'disk broke')

  await form('/api/v1/alerts/mutes', { fingerprint: 'net', until: '4h', reason: 'drill' })
  await raise('net')
  await send()
  t.match(await look('/alerts?tab=quiet'), /net broke Muted until/)
  t.match(await look('/alerts/2'), /Muted until .* by you: drill/)
  t.match(await look('/alerts'), /No open alerts.*Muted net broke until .* by you: drill/)
  await form('/api/v1/alerts/mutes/1/end', {})
  await clock.advance(1_000)
  await send()
  t.equal(hook.calls.length, 2)
  t.match((await asCli(running, 'GET', '/api/v1/alerts/2')).json(), {
    state: 'sent',
    events: [{ kind: 'raised' }, { kind: 'held' }],
    deliveries: [{ channel: 'webhook', state: 'sent' }],
  })
  t.equal((await openPage(running, await signInBy(running), '/alerts/99')).statusCode, 404)
  await raise('mail', 'auth')
  t.match(await look('/alerts/3'), 'Kind Credential refused')
  await raise('spend', 'costs')
  t.match(await look('/alerts/4'), 'Kind Costs')
})

t.test('an urgent alert that waits says for what', async (t) => {
  const { running, raise, look, clock } = await start(t, {
    MC_ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/x',
  })
  await raise('disk', 'auth')
  const channel = { urgent: Array(10).fill(clock.now().toISOString()) }
  await createSettings(running.db, clock).set('channel.webhook', channel, 'sender')
  t.match(await look('/alerts/1'), /10 urgent messages went this hour; .* every five minutes\./)
  await running.db.kysely.updateTable('alerts').set({ last_error: '502 Bad Gateway' }).execute()
  t.match(await look('/alerts/1'), 'Last try: 502 Bad Gateway. 10 urgent messages went')
})

t.test(
  'quiet hours are set, ended and given back by forms, and the page says whose they are',
  async (t) => {
    const { running, look, form } = await start(t, {
      MC_QUIET_HOURS: '09:00-11:00 UTC',
      MC_ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/x',
    })
    t.match(
      await look('/alerts'),
      /Quiet until .*Every day, from 09:00 to 11:00 \(UTC\)\. From MC_QUIET/,
    )
    const fields = { from: '22:30', to: '06:00', zone: 'Europe/Berlin', days: 'mon,sun' }
    await form('/api/v1/alerts/quiet', fields)
    t.match(
      await look('/alerts'),
      /Mon and Sun, from 22:30 to 06:00 \(Europe\/Berlin\)\. Set by you on this page/,
    )
    await form('/api/v1/alerts/quiet', { hours: 'off' })
    t.match(await look('/alerts'), /None: alerts come at any hour\. Set by you/)
    await form('/api/v1/alerts/quiet', {})
    t.match((await asCli(running, 'GET', '/api/v1/alerts/quiet')).json(), {
      hours: { from: '09:00', zone: 'UTC' },
      from: 'environment',
      until: '2026-03-02T11:00:00.000Z',
    })
    for (const wrong of [
      { ...fields, zone: 'Mars/Base' },
      { ...fields, days: 'someday' },
    ])
      t.equal((await form('/api/v1/alerts/quiet', wrong)).statusCode, 400)
  },
)

t.test('many are acknowledged, snoozed or resolved at once', async (t) => {
  const { running, raise, form, alerts } = await start(t)
  for (const name of ['a', 'b', 'c', 'd']) await raise(name)
  const both = await form('/api/v1/alerts/bulk', { ids: '1,2', action: 'acknowledge' })
  t.equal(both.statusCode, 303)
  await asCli(running, 'POST', '/api/v1/alerts/bulk', { ids: [3], action: 'snooze', until: '1d' })
  await form('/api/v1/alerts/bulk', { ids: '4', action: 'resolve' })
  t.same(
    (await alerts.list()).map(({ state }) => state),
    ['resolved', 'snoozed', 'acknowledged', 'acknowledged'],
  )
})

t.test(
  'a test message goes by the channel named, and a refusal is told without the secret',
  async (t) => {
    const hook = await startWebhookServer(t)
    const { running, look, clock, form } = await start(t, {
      MC_ALERT_WEBHOOK_URL: `${hook.url}/very-secret-path`,
    })
    const post = (body: object) => asCli(running, 'POST', '/api/v1/alerts/test', body)
    t.match((await post({})).json(), { channel: 'webhook', status: 'sent', ref: 'accepted' })
    t.match(hook.calls[0]?.body, { title: 'Test', urgent: false })
    hook.answer = { status: 404, body: 'no very-secret-path here' }
    await clock.advance(1_000)
    t.equal((await form('/api/v1/alerts/test', {})).statusCode, 303)
    await clock.advance(1_000)
    t.match((await post({})).json(), { status: 'failed', reason: /^404 Not Found/ })
    const page = await look('/alerts')
    t.match(
      page,
      /Webhook refuses our messages: 404 Not Found: no \[redacted\] here.*MC_ALERT_WEBHOOK_URL/,
    )
    t.notMatch(page, 'very-secret-path')
    t.equal((await post({ channel: 'telegram' })).statusCode, 404)
  },
)

t.test('Luci mutes, snoozes and tests nothing', async (t) => {
  const { running } = await start(t)
  const turn = await running.luci.send({ text: 'hush', origin: 'user' })
  for (const [path, body] of [
    ['mutes', { until: '1h' }],
    ['quiet', { hours: 'off' }],
    ['test', {}],
    ['bulk', { action: 'resolve', ids: [1] }],
  ] as const)
    t.equal(
      (await asAgent(running, 'POST', `/api/v1/alerts/${path}`, body, turn.id)).statusCode,
      403,
    )
})

t.test(
  'settings of channels that make no sense are told at start, without their secrets',
  async (t) => {
    const env = {
      MC_QUIET_HOURS: 'at night',
      MC_ALERT_WEBHOOK_URL: 'ftp://host/secret-of-the-hook',
      MC_ALERT_WEBHOOK_SHAPE: 'pigeon',
      MC_SMTP_URL: 'host:25?secret-of-the-mail',
    }
    const refused = (await startApp(t, { env, listen: false }).catch((error) => error)) as {
      problems: string[]
    }
    t.match(refused.problems, [
      /MC_QUIET_HOURS: expected quiet hours such as "22:00-07:00".* got "at night"/,
      /MC_ALERT_WEBHOOK_SHAPE: expected one of ntfy, slack, discord, json/,
      /MC_ALERT_WEBHOOK_URL: expected an http/,
      /MC_SMTP_URL: expected an smtp/,
      /MC_MAIL_FROM/,
      /MC_MAIL_TO/,
    ])
    t.notMatch(JSON.stringify(refused.problems), /secret-of/)
    const bare = {
      MC_ALERT_WEBHOOK_URL: 'https://desk:secret-of-100%@host/',
      MC_SMTP_URL: 'smtp://desk:secret-of-100%@host',
      MC_MAIL_FROM: 'desk@example.org',
      MC_MAIL_TO: 'ana@example.org',
    }
    t.match(await startApp(t, { env: bare, listen: false }).catch((error) => error), {
      problems: [
        'MC_ALERT_WEBHOOK_URL: expected a % of its name or password written as %25',
        'MC_SMTP_URL: expected a % of its name or password written as %25',
      ],
    })
  },
)
