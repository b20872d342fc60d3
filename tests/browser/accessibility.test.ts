import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { furnish, pages } from './furnished.ts'

const browser = await openBrowser(t)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

t.test('no page has an accessibility violation, light or dark', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await (await signIn(t, browser, running, { colorScheme })).newPage()
    for (const url of pages(run)) {
      await page.goto(url)
      await page.evaluate(axe)
      // What the dark scheme changes is colour.
      const options = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {}
      const violations = await page.evaluate(async (options) => {
        const { violations } = await (
          globalThis as unknown as {
            axe: {
              run(o: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
            }
          }
        ).axe.run(options)
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html).join(' ')}`)
      }, options)
      t.same(violations, [], `${url} (${colorScheme})`)
    }
  }
})
