import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'

const asks = {
  id: 'f00d',
  kind: 'permission' as const,
  text: Array.from(
    { length: 12 },
    (_, n) => `Line ${n + 1} of what she says about this folder`,
  ).join('\n'),
  choices: [
    { id: '1', label: 'Yes, I trust it' },
    { id: '2', label: 'No' },
  ],
}

/** Nothing lies over the first choice, where a person would press it. */
const REACHABLE = `(() => {
  const one = document.querySelector('#asks button')
  const { left, top, width, height } = one.getBoundingClientRect()
  return document.elementFromPoint(left + width / 2, top + height / 2) === one
})()`

t.test(
  'a question that comes while Home is open can be answered without looking for it',
  async (t) => {
    const app = await startApp(t)
    const browser = await openBrowser(t)
    for (const width of [1280, 390]) {
      app.luci.setStatus({ state: 'idle', asks: null })
      const context = await signIn(t, browser, app, { width, height: 800 })
      const page = await context.newPage()
      await page.goto(app.url)
      app.luci.setStatus({ state: 'needs_you', asks })
      const button = page.getByRole('button', { name: 'Yes, I trust it' })
      await button.waitFor()
      const isReachable = async (): Promise<boolean> => await page.evaluate(REACHABLE)
      t.ok(await until(`the choice to be in view at ${width}`, isReachable), `${width}`)
      await button.click()
      await until('it to be answered', () => app.luci.status().asks === null)
    }
  },
)
