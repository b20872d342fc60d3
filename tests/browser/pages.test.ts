import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { furnish, pages } from './furnished.ts'

const browser = await openBrowser(t)

t.test('no page scrolls sideways, on a desk or a phone', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  for (const width of [1280, 390, 360]) {
    const page = await (await signIn(t, browser, running, { width })).newPage()
    for (const url of pages(run)) {
      await page.goto(url)
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      t.ok(Number(over) <= 0, `${url} at ${width}: ${over} px too wide`)
    }
  }
})

t.test('the pages run without an error of their own', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  const page = await (await signIn(t, browser, running)).newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text())
  })
  for (const url of pages(run)) {
    await page.goto(url)
    await page.locator('main').waitFor()
  }
  t.same(errors, [])
})

t.test('the keyboard reaches the content first, past the navigation', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.keyboard.press('Tab')
  await page.getByText('Skip to content').waitFor()
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main')
})

t.test(
  'the board shows every column of open work whole, and what is over on request',
  async (t) => {
    const running = await startApp(t)
    await furnish(running)
    for (const javaScript of [true, false]) {
      const page = await (await signIn(t, browser, running, { javaScript })).newPage()
      await page.goto('/board')
      for (const name of ['Parked', 'To do', 'Doing', 'Blocked', 'Review']) {
        const box = await page.getByRole('region', { name }).boundingBox()
        t.ok(box && box.x >= 0 && box.x + box.width <= 1280, `${name}: ${JSON.stringify(box)}`)
      }
      const done = page.getByRole('region', { name: 'Done' })
      t.notOk(await done.getByText('Nothing finished yet.').isVisible())
      await done.locator('summary').click()
      await done.getByText('Nothing finished yet.').waitFor()
    }
  },
)
