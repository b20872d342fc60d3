import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { violationsOf } from './axe.ts'
import { furnish, pages } from './furnished.ts'
import { openSlowPage, shiftOf, weigh } from './weigh.ts'

const browser = await openBrowser(t)
const running = await startApp(t)
const { run, plans } = await furnish(running)

/** What stands by itself and is smaller than WCAG 2.5.8 has it. axe counts what a bar lies over. */
const tooSmall = `[...document.querySelectorAll('summary, .brand, input[aria-label][type=checkbox]')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([html, { width, height }]) => html + ' is ' + width + ' by ' + height)`

/**
 * Half of what is called good. A message that is painted before its words have come is as narrow
 * as its sender's name, and grows by 0.03; nothing that comes late may push a page's worth.
 */
const SHIFT_MAX = 0.05

/** What opens over the page is closed: of that only one is open at a time. */
const unfold = `for (const one of document.querySelectorAll('details:not(.pop)')) one.open = true`

/** Two at a time, each given a page that was opened once. */
const walk = async (
  urls: readonly string[],
  open: () => Promise<Page>,
  visit: (page: Page, url: string) => Promise<void>,
) => {
  const left = [...urls]
  const visitor = async () => {
    const page = await open()
    for (let url = left.shift(); url; url = left.shift()) await visit(page, url)
    await page.close()
  }
  await Promise.all([visitor(), visitor()])
}

t.test('every page is accessible, as wide as its window, still and without an error', async (t) => {
  const context = await signIn(t, browser, running, { width: 390, colorScheme: 'dark' })
  const errors: string[] = []
  context.on('weberror', (error) => errors.push(`${error.page()?.url()}: ${error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404'))
      errors.push(`${message.page()?.url()}: ${message.text()}`)
  })
  // What all pages share is kept from here on.
  await (await context.newPage()).goto('/')
  const open = async () => {
    const page = await openSlowPage(context)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    return page
  }
  await walk(pages(run, plans), open, async (page, url) => {
    const over = async (width: number) => {
      await page.setViewportSize({ width, height: 800 })
      const px = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      t.ok(Number(px) <= 0, `${url} at ${width} scrolls sideways by ${px}`)
    }
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(url)
    const { shift, moved } = await shiftOf(page)
    t.ok(shift < SHIFT_MAX, `${url} at 390: the layout shifts by ${shift}: ${moved}`)
    t.same(await page.evaluate(tooSmall), [], `${url} has what a finger misses`)
    // What the dark scheme changes is colour.
    t.same(await violationsOf(page, { runOnly: ['color-contrast'] }), [], `${url} (dark)`)
    await over(360)
    await page.emulateMedia({ colorScheme: 'light' })
    await over(1280)
    // The one rule of WCAG 2.2 AA, which axe leaves off by itself.
    const options = { rules: { 'target-size': { enabled: true } } }
    t.same(await violationsOf(page, options), [], `${url} (light)`)
    await page.evaluate(unfold)
    for (const width of [1280, 390]) await over(width)
  })
  t.same(errors, [])
})

t.test('a first load is light, waits for the stylesheet alone and stays where it is', async (t) => {
  const context = await signIn(t, browser, running)
  const urls = ['/', '/board', '/tickets/MC-1', '/proposals', '/schedules', `/runs/${run}`]
  for (const url of urls) {
    const { bytes, blocking } = await weigh(context, url)
    t.ok(bytes <= 100_000, `${url}: ${bytes} bytes over the wire`)
    t.equal(blocking, 1, `${url}: what blocks the first paint`)
  }
  const open = () => openSlowPage(context)
  await walk(
    [...urls, `/proposals/${plans[0]}`, '/inbox', '/settings'],
    open,
    async (page, url) => {
      await page.goto(url)
      const { shift, moved } = await shiftOf(page)
      t.ok(shift < SHIFT_MAX, `${url} at 1280: the layout shifts by ${shift}: ${moved}`)
    },
  )
})
