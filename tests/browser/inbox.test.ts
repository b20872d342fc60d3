import { createInbox } from '@mc/core/inbox/inbox.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'

const browser = await openBrowser(t)

/** Three items that were silenced, the first two alike. */
const silenced = async ({ db, clock }: RunningApp) => {
  const inbox = createInbox(db, clock)
  for (const [message, fingerprint] of [
    ['The mirror is behind', 'mirror'],
    ['The mirror is behind', 'mirror'],
    ['The roof leaks', 'roof'],
  ] as const)
    await inbox.post({ source: 'house', message, kind: 'failed', fingerprint })
  for (const item of await inbox.claim({ countMax: 3, by: 'x' }))
    await inbox.settle(item, { action: 'silent', decidedBy: 'luci', reason: 'It passes' })
}

const saidOf = async ({ db }: RunningApp) =>
  (await db.kysely.selectFrom('corrections').select('item_id').orderBy('item_id').execute()).map(
    ({ item_id }) => item_id,
  )

t.test('the list is walked, chosen from and judged with the keys alone', async (t) => {
  const running = await startApp(t)
  await silenced(running)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/inbox?tab=silenced')
  await page.getByText('2 times').waitFor()
  const bulk = page.getByRole('group', { name: 'What becomes of the chosen items' })
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  t.ok(await page.getByLabel('Choose 2 items like').isChecked())
  await bulk.getByRole('button', { name: 'Ticket', exact: true }).click()
  await page.getByText('Noted for 2 items').waitFor()
  // The keys are there once it has loaded.
  await page.waitForLoadState()
  t.same(await saidOf(running), [1, 2])
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/inbox\/\d+$/)
  await page.getByRole('heading', { name: 'Its way' }).waitFor()
})

t.test('what is chosen stays chosen when something new comes in', async (t) => {
  const running = await startApp(t)
  await silenced(running)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/inbox?tab=silenced')
  await page.getByLabel('Choose item 3').check()
  await page.locator('h1').click()
  const inbox = createInbox(running.db, running.clock)
  await inbox.post({ source: 'house', message: 'The cat is back', kind: 'ok' })
  for (const item of await inbox.claim({ countMax: 1, by: 'x' }))
    await inbox.settle(item, { action: 'silent', decidedBy: 'rule:x', reason: 'Fine' })
  await page.getByText('The cat is back').waitFor()
  t.ok(await page.getByLabel('Choose item 3').isChecked())
  t.notOk(await page.getByLabel('Choose item 4').isChecked())
})

t.test('on a phone without script an item is corrected with a reason', async (t) => {
  const running = await startApp(t)
  await silenced(running)
  const context = await signIn(t, browser, running, { width: 390, javaScript: false })
  const page = await context.newPage()
  await page.goto('/inbox?tab=silenced')
  await page.getByLabel('What becomes of item 3').click()
  await page.locator('#item-3').getByRole('link', { name: 'With a reason…' }).click()
  await page.waitForURL(/\/inbox\/3/)
  await page.getByLabel('Why').fill('Rain comes in')
  await page.getByRole('button', { name: 'Right was an alert', exact: true }).click()
  await page.getByText('Noted; what was missing is done now').waitFor()
  await until('the correction to stand', async () => (await saidOf(running)).length === 1)
  await page.getByText('You said: wrong, an alert was right').waitFor()
})
