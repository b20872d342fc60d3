import { createIndexer } from '@mc/core/search/indexer.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'

const browser = await openBrowser(t)

t.test('g and a letter go to a page', async (t) => {
  const page = await (await signIn(t, browser, await startApp(t))).newPage()
  await page.goto('/settings')
  for (const [key, path] of [
    ['b', '/board'],
    ['i', '/inbox'],
    ['s', '/schedules'],
    ['a', '/alerts'],
    ['r', '/report'],
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

t.test('j, k, Enter and x go through a list, choose in it and open', async (t) => {
  const running = await startApp(t)
  for (const title of ['One', 'Two', 'Three'])
    await createTickets(running.db, running.clock).file({ title }, { actor: 'person' })
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  const focused = () => page.evaluate('document.activeElement.textContent')
  for (const [key, title] of [
    ['j', 'Three'],
    ['j', 'Two'],
    ['j', 'One'],
    ['j', 'One'],
    ['k', 'Two'],
  ] as const) {
    await page.keyboard.press(key)
    t.equal(await focused(), title)
  }
  await page.keyboard.press('x')
  await page.getByText('1 chosen').waitFor()
  t.ok(await page.getByLabel('Choose MC-2').isChecked())
  await page.keyboard.press('Escape')
  t.notOk(await page.getByLabel('Choose MC-2').isChecked())
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/tickets\/MC-2$/)
})

t.test('Ctrl+K goes to pages and tickets, searches and acts, from every page', async (t) => {
  const running = await startApp(t)
  const tickets = createTickets(running.db, running.clock)
  await tickets.file({ title: 'Renew the mail certificate' }, { actor: 'person' })
  await createIndexer(running.db).catchUp()
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/schedules')
  const type = async (words: string) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'A page, an action' }).fill(words)
  }
  const chosen = page.locator('[role=option][aria-selected=true]')

  await type('boa')
  await chosen.getByText('Board').waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/board$/)

  await type('certif')
  await page.getByRole('option', { name: 'MC-1 Renew the mail certificate' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/tickets\/MC-1$/)

  await type('certif')
  await page.getByRole('option', { name: 'MC-1 Renew the mail certificate' }).waitFor()
  await page.getByRole('combobox', { name: 'A page, an action' }).fill('nothing like it')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/search\?q=nothing/)

  await type('pause all')
  await chosen.getByText('Pause all tasks').waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('/schedules')
  await page.getByText('All tasks are paused.').waitFor()

  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: /Recent.*Renew the mail certificate/ }).waitFor()
  await page.keyboard.press('ArrowUp')
  await chosen.getByText('Keys').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
})
