import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'

const browser = await openBrowser(t)

t.test('g and a letter go to a page', async (t) => {
  const page = await (await signIn(t, browser, await startApp(t))).newPage()
  await page.goto('/alerts')
  for (const [key, path] of [
    ['b', '/board'],
    ['i', '/inbox'],
    ['s', '/schedules'],
    ['h', '/'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.waitForURL((url) => url.pathname === path)
  }
})

t.test('c opens the composer for a ticket, wherever it is', async (t) => {
  const page = await (await signIn(t, browser, await startApp(t))).newPage()
  for (const url of ['/', '/board']) {
    await page.goto(url)
    await page.locator('h1').first().waitFor()
    await page.keyboard.press('c')
    const text = page.getByLabel('Message or ticket')
    await text.waitFor()
    t.equal(await page.evaluate('document.activeElement.id'), 'composer-text', url)
    t.equal(await text.inputValue(), '', 'the key itself is not written')
    t.ok(await page.getByLabel('Quick Ticket').isChecked())
  }
})

t.test('? opens the list of keys, and Escape closes it', async (t) => {
  const page = await (await signIn(t, browser, await startApp(t))).newPage()
  await page.goto('/board')
  const dialog = page.getByRole('dialog', { name: 'Keys' })
  await page.getByRole('button', { name: 'Keys ?' }).waitFor()
  await page.keyboard.press('?')
  await dialog.waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  t.match(page.url(), /board/, 'no key acts behind it')
})

t.test('while somebody types, and when switched off, the keys are letters', async (t) => {
  const page = await (await signIn(t, browser, await startApp(t))).newPage()
  await page.goto('/')
  const text = page.getByLabel('Message or ticket')
  await text.pressSequentially('?cgb')
  t.equal(await text.inputValue(), '?cgb')
  t.equal(await page.getByRole('dialog').count(), 0)

  await page.getByRole('button', { name: 'Keys ?' }).click()
  await page.getByLabel('Keys of one letter are on').uncheck()
  await page.keyboard.press('Escape')
  await page.goto('/board')
  await page.locator('body').press('?')
  await page.locator('body').press('g')
  await page.locator('body').press('h')
  t.equal(await page.getByRole('dialog').count(), 0)
  t.match(page.url(), /board/)
})
