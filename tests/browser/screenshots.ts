/** `npx -y pnpm@12 screenshots`: the pictures of the README, from a desk of their own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isoTime } from '@mc/core/clock.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import type { BrowserContext, Page } from 'playwright-core'
import type { Teardown } from '../support/app.ts'
import { openBrowser, signIn, type VisitOptions } from '../support/browser.ts'
import { until } from '../support/until.ts'
import { furnishBelievably } from './believable.ts'
import { propose } from './proposed.ts'
import { startWithLuci } from './real-luci.ts'

const folder = join(projectRoot, 'docs', 'screenshots')
const phone = { width: 390, height: 844 }

const shots: [name: string, url: string, options: VisitOptions][] = [
  ['home', '/', {}],
  ['home-dark', '/', { colorScheme: 'dark' }],
  ['board', '/board', {}],
  ['board-dark', '/board', { colorScheme: 'dark' }],
  ['search', '/search?q=disk', {}],
  ['week', '/report', {}],
  ['inbox', '/inbox?tab=handled', {}],
  ['schedules', '/schedules', {}],
  ['home-phone', '/', phone],
  ['board-phone', '/board', phone],
]

const ends: (() => unknown)[] = []
const script: Teardown = { teardown: (end: () => unknown) => void ends.unshift(end) }
try {
  const running = await startWithLuci(script, {
    // Nothing is sent: no process of this desk sends.
    MC_TELEGRAM_TOKEN: `1:${'unused'.repeat(6)}`,
    MC_TELEGRAM_CHAT_ID: '1',
  })
  await furnishBelievably(running.db)
  const { id: plan } = await propose(running, running.config, null)
  shots.push(
    ['proposal', `/proposals/${plan}`, {}],
    ['proposal-phone', `/proposals/${plan}`, phone],
  )
  await createIndexer(running.db).catchUp()
  await until('Luci to be idle', () => running.luci.status().state === 'idle')
  const browser = await openBrowser(script)
  const first = await (await signIn(script, browser, running)).newPage()
  await chat(first, 'What needs me right now?')
  await chat(first, 'file: Ask the provider for a new mail credential')
  mkdirSync(folder, { recursive: true })
  // One sign-in for each kind of window: links to sign in are few by the minute.
  const windows = new Map<string, BrowserContext>()
  for (const [name, url, options] of shots) {
    const kind = JSON.stringify(options)
    const window = windows.get(kind) ?? (await signIn(script, browser, running, options))
    windows.set(kind, window)
    // However long the pictures take, the workers are seen to live.
    await running.db.kysely
      .updateTable('workers')
      .set({ beat_at: isoTime(running.clock.now()) })
      .execute()
    const page = await window.newPage()
    await page.goto(url)
    await page.locator('main').waitFor()
    if (url === '/') await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  console.log(`${shots.length} pictures are in docs/screenshots`)
} finally {
  for (const end of ends) await end()
}

async function chat(page: Page, text: string): Promise<void> {
  await page.goto('/')
  const before = await page.locator('.turn').count()
  await page.getByLabel('Message or ticket').fill(text)
  await page.getByLabel('Message or ticket').press('Control+Enter')
  const turn = page.locator('.turn').nth(before)
  await turn.getByText('Answered', { exact: true }).waitFor()
}
