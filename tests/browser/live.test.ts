import { createTickets } from '@mc/core/tickets/tickets.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'

const browser = await openBrowser(t)

/** Streams that are open now, and what was asked for since `forget`. */
const watchServer = ({ app }: RunningApp) => {
  const seen = { streams: 0, opened: 0, asked: [] as { url: string; by: string }[] }
  app.server.on('request', ({ url = '', headers }, response) => {
    seen.asked.push({ url, by: headers.referer ?? '' })
    // Not of the page that signed in, which goes when it likes.
    if (!url.startsWith('/api/v1/events') || !headers.referer?.includes('?tab=')) return
    seen.streams++
    seen.opened++
    response.on('close', () => seen.streams--)
  })
  return seen
}

/** As if the tab were behind another one, or in sight again. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)

t.test(
  'many tabs have one stream; when its tab closes another takes over without a gap',
  async (t) => {
    const running = await startApp(t)
    const server = watchServer(running)
    const context = await signIn(t, browser, running)
    const tabs: Page[] = []
    for (let n = 0; n < 5; n++) {
      const tab = await context.newPage()
      await tab.goto(`/?tab=${n}`)
      tabs.push(tab)
    }
    await until('one stream', () => server.streams === 1)
    const turn = await running.luci.send({ text: 'Hello', origin: 'user' })
    await running.luci.say(turn.id, 'One ')
    for (const tab of tabs) await tab.locator('[data-reply]').getByText('One').waitFor()
    t.equal(server.opened, 1, 'one connection for five tabs')
    // The first tab leads; it goes in the middle of a reply.
    const [leader, ...rest] = tabs
    await leader?.close()
    await running.luci.say(turn.id, 'two ')
    await running.luci.say(turn.id, 'three')
    for (const tab of rest) await tab.locator('[data-reply]').getByText('One two three').waitFor()
    await until('one stream again', () => server.streams === 1)
    t.equal(server.opened, 2, 'one took over')
    await running.luci.finish(turn.id)
    for (const tab of rest) await tab.locator('.receipt').getByText('Answered').waitFor()
  },
)

t.test('tabs out of sight fetch nothing, and what is new once they are seen', async (t) => {
  const running = await startApp(t)
  const server = watchServer(running)
  const context = await signIn(t, browser, running)
  const seen = await context.newPage()
  await seen.goto('/board?tab=0')
  const hidden: Page[] = []
  for (let n = 0; n < 4; n++) {
    const tab = await context.newPage()
    await tab.goto('/board?tab=1')
    await setHidden(tab, true)
    hidden.push(tab)
  }
  await until('one stream', () => server.streams === 1)
  server.asked = []
  const tickets = createTickets(running.db, running.clock)
  for (let n = 1; n <= 3; n++) {
    await tickets.file({ title: `Ticket number ${n}` }, { actor: 'person' })
    await seen.locator('#columns').getByText(`Ticket number ${n}`).waitFor()
  }
  const boards = server.asked.filter(({ url }) => url.startsWith('/board'))
  t.ok(boards.length >= 3, `one tab asked, ${boards.length} times`)
  t.same([...new Set(boards.map(({ by }) => by))], [seen.url()])
  const [first] = hidden
  if (!first) return
  t.equal(await first.getByText('Ticket number 3').count(), 0)
  await setHidden(first, false)
  await first.locator('#columns').getByText('Ticket number 3').waitFor()
})

t.test(
  'a lost connection is said with the age of what is shown, and comes back by itself',
  async (t) => {
    const running = await startApp(t)
    const page = await (await signIn(t, browser, running)).newPage()
    await page.goto('/board')
    await createTickets(running.db, running.clock).file({ title: 'Kept' }, { actor: 'person' })
    await page.locator('#columns').getByText('Kept').waitFor()
    await page.context().setOffline(true)
    const bar = page.getByText(/Reconnecting… what you see is from less than a minute ago/)
    await bar.waitFor()
    t.equal(await page.locator('#columns').getByText('Kept').count(), 1, 'the data stays')
    await createTickets(running.db, running.clock).file({ title: 'Meanwhile' }, { actor: 'person' })
    await page.context().setOffline(false)
    await page.locator('#columns').getByText('Meanwhile').waitFor()
    await bar.waitFor({ state: 'hidden' })
  },
)

t.test('a session that ended elsewhere is said in every tab, with the way in again', async (t) => {
  const running = await startApp(t)
  const context = await signIn(t, browser, running)
  const pages = [await context.newPage(), await context.newPage()]
  for (const page of pages) await page.goto('/board')
  await context.clearCookies()
  // The line is cut, and refused when it comes back.
  await context.setOffline(true)
  await context.setOffline(false)
  for (const page of pages) {
    await page.getByText('You are signed out.').waitFor()
    t.equal(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/board')
  }
})
