import { createAlerts } from '@mc/core/alerts/alerts.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { startWebhookServer } from '../support/webhook-server.ts'

t.test('alerts are read, snoozed, muted and made a ticket; channels are tried', async (t) => {
  const hook = await startWebhookServer(t)
  const app = await startApp(t, { env: { MC_ALERT_WEBHOOK_URL: `${hook.url}/x` } })
  const mc = mcFor(app)
  const alerts = createAlerts(app.db, app.clock, { repeatIntervalMs: 1_000 })
  await alerts.raise({ fingerprint: 'disk:sda', kind: 'failed', title: 'Disk full', text: '98 %' })
  t.match(await mc(['alert', 'test']), { exitCode: 0, stdout: /webhook took the test message/ })
  t.match(await mc(['alert', 'test', 'email']), { exitCode: 3, stderr: /not configured/ })
  t.match((await mc(['alert', 'channels'])).stdout, /webhook +first +works/)
  t.match(await mc(['alert', 'mute', '4h', '--fingerprint', 'disk:sda', '--reason', 'known']), {
    stdout: /Mute 1: disk:sda until/,
  })
  t.match((await mc(['alert', 'mutes'])).stdout, /1 .*person .*disk:sda .*known/)
  t.match((await mc(['alert', 'unmute', '1'])).stdout, /Mute 1 is over/)
  await mc(['alert', 'quiet', '22:00-07:00', 'Europe/Berlin', 'mon-fri'])
  t.match(
    (await mc(['alert', 'quiet'])).stdout,
    /22:00-07:00 Europe\/Berlin mon,tue,wed,thu,fri \(set by you\)/,
  )
  t.match((await mc(['alert', 'ticket', '1'])).stdout, /MC-1 \(filed\): Disk full/)
  t.match((await mc(['alert', 'snooze', '1', '--until', '2h'])).stdout, /sleeps until/)
  t.match((await mc(['alert', 'list', '--tab', 'quiet'])).stdout, /snoozed .*Disk full/)
  t.match((await mc(['alert', 'show', '1'])).stdout, /disk:sda[\s\S]*98 %[\s\S]*ticket by person/)
})
