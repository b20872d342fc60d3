import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { furnish, pages } from './furnished.ts'
import { weigh } from './weigh.ts'

const browser = await openBrowser(t)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const violationsOf = async (page: Page, options: object = {}): Promise<string[]> => {
  await page.evaluate(axe)
  return page.evaluate(async (options) => {
    const { violations } = await (
      globalThis as unknown as {
        axe: {
          run(o: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
        }
      }
    ).axe.run(options)
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html).join(' ')}`)
  }, options)
}

/** What stands by itself and is smaller than WCAG 2.5.8 has it. axe counts what a bar lies over. */
const tooSmall = `[...document.querySelectorAll('summary, .brand, input[aria-label][type=checkbox]')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([html, { width, height }]) => html + ' is ' + width + ' by ' + height)`

t.test('every page is accessible, as wide as its window, and without an error', async (t) => {
  const running = await startApp(t)
  const { run, plans } = await furnish(running)
  const over = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - innerWidth').then(Number)
  for (const [width, colorScheme, options] of [
    // The one rule of WCAG 2.2 AA, which axe leaves off by itself.
    [1280, 'light', { rules: { 'target-size': { enabled: true } } }],
    // What the dark scheme changes is colour.
    [390, 'dark', { runOnly: ['color-contrast'] }],
  ] as const) {
    const page = await (await signIn(t, browser, running, { width, colorScheme })).newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text())
    })
    for (const url of pages(run, plans)) {
      const name = `${url} (${width}, ${colorScheme})`
      await page.goto(url)
      t.same(await violationsOf(page, options), [], name)
      t.same(errors.splice(0), [], name)
      t.ok((await over(page)) <= 0, `${name} scrolls sideways`)
      if (width !== 390) continue
      t.same(await page.evaluate(tooSmall), [], `${name} has what a finger misses`)
      await page.setViewportSize({ width: 360, height: 640 })
      t.ok((await over(page)) <= 0, `${url} at 360 scrolls sideways`)
      await page.setViewportSize({ width, height: 800 })
    }
  }
})

t.test('a first load is light, waits for the stylesheet alone and stays where it is', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  for (const [width, urls] of [
    [1280, ['/', '/board', '/tickets/MC-1', '/schedules', `/runs/${run}`]],
    [390, ['/', '/board']],
  ] as const) {
    const context = await signIn(t, browser, running, { width })
    for (const url of urls) {
      const { bytes, blocking, shift } = await weigh(context, url)
      t.ok(bytes <= 100_000, `${url}: ${bytes} bytes over the wire`)
      t.equal(blocking, 1, `${url}: what blocks the first paint`)
      t.ok(shift < 0.01, `${url} at ${width}: the layout shifts by ${shift}`)
    }
  }
})

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
  t.same(await violationsOf(page), [])
  await page.context().clearCookies()
  await page.goto('/board')
  await page.getByLabel('Password').waitFor()
  t.same(await violationsOf(page), [])
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
