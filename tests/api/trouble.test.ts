import { createSettings } from '@mc/core/settings/settings.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { asCli, openPage, signInBy } from './desk.ts'

const TOKEN = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'

t.test('a tasks file with mistakes is seen on the pages and by mc', async (t) => {
  const running = await startApp(t)
  const settings = createSettings(running.db, running.clock)
  const session = await signInBy(running)
  const mc = mcFor(running)
  const page = async (url: string) => (await openPage(running, session, url)).body
  t.notMatch(await page('/schedules'), /mistakes;/)
  t.equal((await mc(['task', 'list'])).stderr, '')

  const problems = ['tasks.yaml:4: unknown cron "<b>"', 'tasks.yaml:9: no command', 'a third']
  const state = { hash: 'x', problems, since: '2026-01-01T00:00:00.000Z', count: 3 }
  await settings.set('tasks_file', state, 'scheduler')
  t.match((await asCli(running, 'GET', '/api/v1/status')).json(), { tasks: { problems } })
  const schedules = await page('/schedules')
  t.match(schedules, /The tasks file has mistakes; no task runs/)
  t.match(schedules, 'tasks.yaml:4: unknown cron &quot;&lt;b&gt;&quot;')
  t.match(await page('/'), /The tasks file has mistakes<\/b><small>tasks\.yaml:4/)

  const words = /the tasks file has 3 mistakes, .*: tasks\.yaml:4: .*; .*no command; and 1 more/
  t.match((await mc(['status'])).stdout, words)
  t.match((await mc(['task', 'list'])).stderr, words)
  t.match(await mc(['doctor']), { exitCode: 1, stdout: words })
})

t.test('how Telegram really is stands on the pages and in mc', async (t) => {
  const env = {
    MC_TELEGRAM_TOKEN: TOKEN,
    MC_TELEGRAM_CHAT_ID: '1',
    MC_ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/x',
  }
  const running = await startApp(t, { env })
  const settings = createSettings(running.db, running.clock)
  const session = await signInBy(running)
  const mc = mcFor(running)
  const told = async () => (await mc(['status'])).stdout
  t.match(
    await told(),
    /Telegram +configured \(not tried yet\)\nChannels +Telegram takes alerts; Webhook stands in\n/,
  )

  const channel = { notBefore: '2026-01-01T00:00:00.000Z', failures: 0, problem: null }
  await settings.set('channel.telegram', channel, 'sender')
  t.match(await told(), /Telegram +configured$/m)

  const problem = '401: Unauthorized'
  await settings.set('channel.telegram', { ...channel, problem }, 'sender')
  t.match((await asCli(running, 'GET', '/api/v1/status')).json(), {
    telegram: { configured: true, problem },
  })
  t.match(await told(), /Telegram +refused: 401: Unauthorized/)
  t.match((await mc(['doctor'])).stdout, /✗ Telegram +refused: 401/)
  t.match((await openPage(running, session, '/settings')).body, /refused: 401: Unauthorized/)
  t.match((await openPage(running, session, '/alerts')).body, /Telegram refuses our messages: 401/)
})

t.test('mc says that Luci is not asked, and why', async (t) => {
  const running = await startApp(t)
  const settings = createSettings(running.db, running.clock)
  const told = async () =>
    /^Digests +(.*)$/m.exec((await mcFor(running)(['status'])).stdout)?.[1] ?? ''
  t.equal(await told(), 'Luci is asked what no rule knows')
  await settings.set('switch.chat', 'off', 'person')
  t.match(await told(), /Luci is not asked.*: chat is switched off$/)
  await settings.set('autonomy.paused', { reason: 'moving' }, 'person')
  t.match(await told(), /not asked.*: Autonomous action is paused: moving$/)
  await settings.set('switch.pickup', 'rules', 'person')
  t.match(await told(), /not asked.*: pickup is switched to rules$/)
  await settings.set('switch.pickup', 'off', 'person')
  t.match(await told(), /nobody reads the inbox/)
})
