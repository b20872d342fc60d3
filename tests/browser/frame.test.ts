import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn, signInLink } from '../support/browser.ts'
import { violationsOf } from './axe.ts'

const browser = await openBrowser(t)

t.test('the dialogs and the page that asks for the password are accessible', async (t) => {
  const running = await startApp(t, { env: { MC_PASSWORD_HASH: 'scrypt:1024:8:1:x:x' } })
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.getByRole('button', { name: 'Keys ?' }).click()
  await page.getByRole('dialog').waitFor()
  t.same(await violationsOf(page), [])
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'A page, an action' }).fill('bo')
  await page.getByRole('option', { name: 'Board' }).waitFor()
  t.same(await violationsOf(page), [])
  await page.context().clearCookies()
  await page.goto('/board')
  await page.getByLabel('Password').waitFor()
  t.same(await violationsOf(page), [])
})

t.test('a one-time link leads in, and the keyboard to the content first', async (t) => {
  const running = await startApp(t)
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(await signInLink(running))
  await page.getByRole('heading', { name: 'Home' }).waitFor({ state: 'attached' })
  await page.goto(`${running.url}/board`)
  await page.keyboard.press('Tab')
  await page.getByText('Skip to content').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('#main:focus').waitFor()
})

t.test('dark or light is chosen in Settings, also without script', async (t) => {
  const running = await startApp(t)
  for (const javaScript of [true, false]) {
    const page = await (await signIn(t, browser, running, { javaScript })).newPage()
    await page.goto('/settings')
    await page.getByLabel('Light or dark').selectOption('dark')
    await page.getByRole('button', { name: 'Set light or dark' }).click()
    await page.getByText('The pages are dark here').waitFor()
    await page.goto('/board')
    t.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark')
  }
})
