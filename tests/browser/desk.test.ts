import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Page } from 'playwright-core'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'

const browser = await openBrowser(t)
const by = { actor: 'person' }

const file = async (running: RunningApp, ...titles: string[]) => {
  const tickets = createTickets(running.db, running.clock)
  for (const title of titles) await tickets.file({ title }, by)
  return tickets
}
const column = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

/** On a desk with script and on a phone without: nobody is left out by either. */
const visitors = [
  { width: 1280, javaScript: true },
  { width: 390, javaScript: false },
]

t.test('the board shows open work whole, and what is over on request', async (t) => {
  const running = await startApp(t)
  await file(running, 'One')
  for (const javaScript of [true, false]) {
    const page = await (await signIn(t, browser, running, { javaScript })).newPage()
    await page.goto('/board')
    for (const name of ['Parked', 'To do', 'Doing', 'Blocked', 'Review']) {
      const box = await column(page, name).boundingBox()
      t.ok(box && box.x >= 0 && box.x + box.width <= 1280, `${name}: ${JSON.stringify(box)}`)
    }
    const done = column(page, 'Done')
    t.notOk(await done.getByText('Nothing finished yet.').isVisible())
    await done.locator('summary').click()
    await done.getByText('Nothing finished yet.').waitFor()
  }
})

t.test('a card is moved by its menu, and many are changed at once', async (t) => {
  for (const visitor of visitors) {
    const running = await startApp(t)
    const tickets = await file(running, 'One', 'Two', 'Three')
    const page = await (await signIn(t, browser, running, visitor)).newPage()
    // So that the page does not hear of the change of somebody else before it is sent.
    await page.route('**/api/v1/events*', (route) => route.abort())
    await page.goto('/board')
    await page.locator('summary[aria-label="Move MC-1"]').click()
    await page.getByRole('button', { name: 'Doing', exact: true }).click()
    await column(page, 'Doing').getByRole('link', { name: 'One' }).waitFor()
    for (const key of ['MC-2', 'MC-3']) await page.getByLabel(`Choose ${key}`).check()
    // Somebody else is quicker with one of them.
    await tickets.change(3, { priority: 'critical' }, by)
    await page.getByPlaceholder('Label').last().fill('garden')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText(/MC-2\. MC-3 was changed by somebody else/).waitFor()
    t.same((await tickets.get(2)).labels, ['garden'])
    t.same((await tickets.get(3)).labels, [])
    await running.stop()
  }
})

t.test('a card is dragged; one that was changed meanwhile goes back with a word', async (t) => {
  const running = await startApp(t)
  const tickets = await file(running, 'One', 'Two')
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.locator('#t1[draggable]').dragTo(column(page, 'Review'))
  await page.getByText('Moved MC-1 to Review').waitFor()
  t.equal((await tickets.get(1)).status, 'review')
  // Out of sight it fetches nothing: the change is news to it.
  await page.addInitScript("Object.defineProperty(document, 'hidden', { value: true })")
  await page.reload()
  await tickets.change(2, { priority: 'low' }, by)
  await page.locator('#t2[draggable]').dragTo(column(page, 'Doing'))
  await page.getByText(/MC-2 was changed by somebody else meanwhile/).waitFor()
  t.ok(await column(page, 'To do').getByText('Two').isVisible(), 'it is back')
  t.equal((await tickets.get(2)).status, 'todo')
})

t.test('the board is narrowed and shows more, and its address says so', async (t) => {
  const running = await startApp(t)
  await file(running, ...Array.from({ length: 40 }, (_, n) => `Chore ${n + 1}`), 'Fence')
  for (const visitor of visitors) {
    const page = await (await signIn(t, browser, running, visitor)).newPage()
    await page.goto('/board?text=chore')
    const todo = column(page, 'To do')
    t.equal(await todo.locator('.ticket-card').count(), 15)
    await todo.getByText('Show more').click()
    await todo.getByText('Chore 1', { exact: true }).waitFor()
    await page.goto('/board')
    await page.getByPlaceholder('Title has…').fill('fence')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/text=fence/)
    t.equal(await page.locator('.ticket-card').count(), 1)
  }
})

t.test('an edit of what somebody else has changed shows both and loses nothing', async (t) => {
  const running = await startApp(t)
  const tickets = await file(running, 'One')
  for (const visitor of visitors) {
    const page = await (await signIn(t, browser, running, visitor)).newPage()
    await page.goto('/tickets/MC-1')
    await page.getByText('Edit', { exact: true }).click()
    await page.getByLabel('Title').fill('My words')
    await page.getByRole('textbox', { name: 'Description' }).fill('My long thoughts')
    await tickets.change(1, { title: 'Their words' }, by)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody changed MC-1 while you edited it').waitFor()
    const title = page.getByRole('region', { name: 'Title' })
    await title.getByText('Their words').waitFor()
    await title.getByText('My words').waitFor()
    const mine = page.getByRole('textbox', { name: 'Description' })
    t.equal(await mine.inputValue(), 'My long thoughts')
    t.equal((await tickets.get(1)).title, 'Their words', 'nothing was overwritten')
    await page.getByRole('button', { name: 'Save this version' }).click()
    await page.getByText('MC-1 is saved').waitFor()
    t.match(await tickets.get(1), { title: 'My words', body: 'My long thoughts' })
  }
})

t.test('a ticket is linked, made a part, closed and opened again', async (t) => {
  const running = await startApp(t)
  for (const [n, visitor] of visitors.entries()) {
    const tickets = await file(running, 'One', 'Two')
    const [one, two] = [`MC-${2 * n + 1}`, `MC-${2 * n + 2}`]
    const page = await (await signIn(t, browser, running, visitor)).newPage()
    await page.goto(`/tickets/${one}`)
    const actions = page.getByRole('complementary', { name: 'Actions' })
    await actions.getByRole('textbox', { name: 'Waits for' }).fill(two)
    await actions.getByRole('button', { name: 'Link' }).click()
    await page.getByText(`It now waits for ${two}`).waitFor()
    await actions.getByLabel('Part of').fill(two)
    await actions.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByText(`It is a part of ${two}`).waitFor()
    await actions.getByLabel(`No longer wait for ${two}`).click()
    await page.getByText(`It no longer waits for ${two}`).waitFor()
    await actions.getByLabel('Close as').selectOption('wont_fix')
    await actions.getByRole('button', { name: 'Cancel it' }).click()
    await page.getByText('wont fix', { exact: true }).waitFor()
    t.match(await tickets.get(2 * n + 1), { status: 'cancelled', resolution: 'wont_fix' })
    await actions.getByRole('button', { name: 'Open it again' }).click()
    await page.getByText('opened it again').waitFor()
    t.match(await tickets.get(2 * n + 1), { status: 'todo', resolution: null, parentId: 2 * n + 2 })
  }
})

t.test('what was filed is found, its words marked; a key goes to its ticket', async (t) => {
  const running = await startApp(t)
  await file(running, 'Renew the <b>mail</b> certificate')
  await createIndexer(running.db).catchUp()
  for (const visitor of visitors) {
    const page = await (await signIn(t, browser, running, visitor)).newPage()
    await page.goto('/board')
    await page.locator('[data-find]').click()
    if (visitor.javaScript) {
      await page.keyboard.press('Escape')
      await page.keyboard.press('/')
    }
    await page.waitForURL(/\/search/)
    await page.getByRole('searchbox').fill('cert mai')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: 'Renew the <b>mail</b> certificate' }).waitFor()
    t.same(await page.locator('mark').allTextContents(), ['mail', 'certificate'])
    await page.getByRole('searchbox').fill('mc-1')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.waitForURL(/\/tickets\/MC-1/)
  }
})

t.test('what newly needs the person is told by the browser, once and by consent', async (t) => {
  const running = await startApp(t)
  const alerts = createAlerts(running.db, running.clock, { repeatIntervalMs: 1 })
  const raise = (title: string) =>
    alerts.raise({ fingerprint: title, kind: 'note', title, text: '' })
  const context = await signIn(t, browser, running)
  await context.grantPermissions(['notifications'], { origin: running.url })
  await context.addInitScript(`
    window.told = []
    window.Notification = class extends EventTarget {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      constructor(title, { body }) { super(); window.told.push(title) }
    }
    Object.defineProperty(document, 'hidden', { get: () => window.away === true })`)
  await raise('Known before')
  const page = await context.newPage()
  await page.goto('/settings')
  await page.getByText('Off in this browser.').waitFor()
  await page.getByRole('button', { name: 'Tell me when something needs me' }).click()
  await page.getByText('On in this browser').waitFor()
  const away = (is: boolean) =>
    page.evaluate(`window.away = ${is}; document.dispatchEvent(new Event('visibilitychange'))`)
  await away(true)
  const inSight = await context.newPage()
  await inSight.goto('/board')
  await raise('Seen in the other tab')
  const known = "JSON.parse(localStorage.getItem('mc.notify-told')).length"
  await until('both tabs to know it', async () => Number(await page.evaluate(known)) === 2)
  // Both took their turn: what a tab tells it tells in its turn.
  const turns = "navigator.locks.request('mc.notify', () => told)"
  t.same([await page.evaluate(turns), await inSight.evaluate(turns)], [[], []])
  await inSight.close()
  const held = 'navigator.locks.query().then(({ held }) => held.map(({ name }) => name))'
  await until(
    'nobody to look',
    async () => !(await page.evaluate<string[]>(held)).includes('mc.in-sight'),
  )
  await raise('The mail credential was refused')
  await until('the browser to tell it', async () => Number(await page.evaluate('told.length')) > 0)
  t.same(await page.evaluate('told'), ['The mail credential was refused'])
  await away(false)
  await page.getByRole('button', { name: 'Tell me no more' }).click()
  await page.getByText('Off in this browser.').waitFor()
})
