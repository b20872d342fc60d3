import { createAlerts } from '@mc/core/alerts/alerts.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn, type VisitOptions } from '../support/browser.ts'
import { startWebhookServer } from '../support/webhook-server.ts'

const browser = await openBrowser(t)

const furnish = async (t: Test, visit: VisitOptions) => {
  const hook = await startWebhookServer(t)
  const running = await startApp(t, { env: { MC_ALERT_WEBHOOK_URL: `${hook.url}/x` } })
  const alerts = createAlerts(running.db, running.clock, { repeatIntervalMs: 3_600_000 })
  const raise = (title: string, kind = 'failed') =>
    alerts.raise({ fingerprint: title, kind, title, text: `${title}: it broke` })
  for (const title of ['Backup failed', 'Disk is full', 'Uplink is gone']) await raise(title)
  await raise('The mail token was refused', 'auth')
  const page = await (await signIn(t, browser, running, visit)).newPage()
  await page.goto('/alerts')
  return { page, hook, alerts }
}

const visits: [string, VisitOptions][] = [
  ['on a desk', {}],
  ['on a phone', { width: 390 }],
  ['without script', { javaScript: false }],
]

for (const [where, visit] of visits)
  t.test(`a person works through their alerts ${where}`, async (t) => {
    const { page, hook, alerts } = await furnish(t, visit)
    const width = visit.width ?? 1280
    t.match(await page.locator('.item .title').first().textContent(), 'mail token', 'urgent first')

    await page.getByLabel('Choose Backup failed').check()
    await page.getByLabel('Choose Disk is full').check()
    await page.locator('#bulk').getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText('2 alerts acknowledged').waitFor()
    await page.getByRole('link', { name: 'Quiet', exact: true }).click()
    await page.waitForURL(/tab=quiet/)
    t.equal(await page.locator('.item').count(), 2)

    await page.goto('/alerts')
    await page.getByRole('link', { name: 'Uplink is gone' }).click()
    await page.getByLabel('because').fill('the provider works on it')
    await page.getByRole('button', { name: 'Mute this trouble' }).click()
    await page.getByText(/Muted until .* by you: the provider works on it/).waitFor()
    await page.getByRole('button', { name: 'File a ticket' }).click()
    await page.getByText('Filed MC-1').waitFor()
    await page.locator('.story').getByText('Became a ticket by you').waitFor()
    t.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width)

    await page.goto('/alerts')
    await page.locator('#mutes').getByRole('link', { name: 'Uplink is gone' }).waitFor()
    await page.locator('#quiet-change summary').click()
    await page.getByLabel('From').fill('23:15')
    await page.locator('#quiet').getByLabel('Sun').uncheck()
    await page.getByRole('button', { name: 'Set quiet hours' }).click()
    await page.locator('#quiet').getByText('from 23:15 to 07:00').waitFor()
    await page.getByRole('button', { name: 'Send a test message by Webhook' }).click()
    await page.getByText('Webhook took the test message').waitFor()
    t.equal(hook.calls.length, 1)
    await page
      .locator('#mutes')
      .getByRole('button', { name: /^End it/ })
      .click()
    await page.getByText('No longer muted').waitFor()
    t.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width)
    t.same(
      (await alerts.list()).map(({ state }) => state),
      ['queued', 'queued', 'acknowledged', 'acknowledged'],
    )
  })
