import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { furnish, pages } from './furnished.ts'

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

t.test('no page has an accessibility violation, light or dark', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await (await signIn(t, browser, running, { colorScheme })).newPage()
    for (const url of pages(run)) {
      await page.goto(url)
      // What the dark scheme changes is colour.
      const options = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {}
      t.same(await violationsOf(page, options), [], `${url} (${colorScheme})`)
    }
  }
})

t.test('neither has the list of keys, nor the page that asks for the password', async (t) => {
  const running = await startApp(t, { env: { MC_PASSWORD_HASH: 'scrypt:1024:8:1:x:x' } })
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.getByRole('button', { name: 'Keys ?' }).click()
  await page.getByRole('dialog').waitFor()
  t.same(await violationsOf(page), [])
  await page.context().clearCookies()
  await page.goto('/board')
  await page.getByLabel('Password').waitFor()
  t.same(await violationsOf(page), [])
})
