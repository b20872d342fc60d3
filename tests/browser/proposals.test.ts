import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'
import { proposalsOf, propose, wiki } from './proposed.ts'

const browser = await openBrowser(t)
const by = { actor: 'person' }

/** A desk on which Luci has proposed the wiki's move, and the page of it. */
const begin = async (t: Test, { javaScript = true } = {}) => {
  const running = await startApp(t, { env: { MC_WORKER_COMMAND: 'cat' } })
  const turn = await running.luci.send({ text: 'Move the wiki by Friday', origin: 'user' })
  await running.luci.say(turn.id, 'Here is my plan.')
  const inFlight = await createTurns(running.db, running.clock).get(turn.id)
  const desk = proposalsOf(running, running.config)
  const ask = (title = wiki.title) => propose(running, running.config, inFlight, { ...wiki, title })
  const window = await signIn(t, browser, running, { javaScript, height: 1_800 })
  const open = async (id: string) => {
    const page = await window.newPage()
    await page.goto(`/proposals/${id}`)
    return page
  }
  const titles = async () =>
    (await createTickets(running.db, running.clock).list()).reverse().map(({ title }) => title)
  return { running, turn, desk, ask, window, open, titles }
}

const press = (page: Page, name: string | RegExp) =>
  page.locator('.decide').getByRole('button', { name }).click()
const order = (page: Page) =>
  page.locator('[data-step]').evaluateAll((all) => all.map(({ id }) => id.slice('step-'.length)))

t.test('with script a plan is ticked, edited, put in order and accepted', async (t) => {
  const { ask, open, desk, titles } = await begin(t)
  const { id } = await ask()
  const page = await open(id)
  await page.getByLabel('Choose Set up the new host').uncheck()
  await page.getByText('Set up the new host as the old one is”, which is not chosen').waitFor()
  t.match(await page.locator('[data-plan-says]').textContent(), '4 of 5')
  t.equal(await page.locator('.graph-node.faint').count(), 1, 'the drawing follows')

  await page.locator('#step-backup .step-title').fill('Back up the wiki twice')
  await page.locator('#step-backup').getByText('edited by you').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Alt+ArrowDown')
  t.same((await order(page)).slice(0, 2), ['host', 'backup'], 'Enter decided nothing')
  await page.locator('#step-tell').getByRole('button', { name: 'up' }).click()
  await page.locator('#step-tell').dragTo(page.locator('#step-host'), {
    sourcePosition: { x: 600, y: 56 },
    targetPosition: { x: 300, y: 4 },
  })
  const dropped = 'tell,host,backup,copy,switch'
  await until('it to be dropped there', async () => String(await order(page)) === dropped)
  await page.getByRole('status').getByText('4 tickets are filed').waitFor()
  await press(page, /^Accept/)

  await page.getByText('Accepted: MC-1, MC-2, MC-3, MC-4').waitFor()
  await page.locator('#step-backup').getByText('edited', { exact: true }).waitFor()
  await page.locator('#step-backup del').getByText('Back up the wiki and prove').waitFor()
  t.match(await page.locator('#step-host').textContent(), 'left out')
  t.same(
    (await desk.get(id)).accepted?.steps.map(({ name }) => name),
    ['tell', 'backup', 'copy', 'switch'],
  )
  t.match(await titles(), ['Write the note for the team', 'Back up the wiki twice'])
})

t.test('without script the same form does the same, a button at a time', async (t) => {
  const { ask, open, desk, titles } = await begin(t, { javaScript: false })
  const { id } = await ask()
  const page = await open(id)
  await page.locator('#step-backup .step-title').fill('Back up the wiki twice')
  await page.locator('#step-backup summary').click()
  await page.locator('[name="backup.risk"]').selectOption('high')
  await page.locator('#step-backup').getByRole('button', { name: 'down' }).click()
  await page.getByText('Luci wrote the title').waitFor()
  t.same((await order(page)).slice(0, 2), ['host', 'backup'])
  t.equal(await page.locator('#step-backup .step-title').inputValue(), 'Back up the wiki twice')
  await page.getByText('Risk was: low').waitFor()
  await page.getByRole('button', { name: 'Add a step' }).click()
  await page.locator('#step-added-1 .step-title').fill('Drink to it')
  await page.locator('[name="added-1.after"]').fill('switch')
  await page.getByLabel('Choose Write the note').uncheck()
  await page.getByLabel('Choose Set up the new host').uncheck()
  await press(page, /^Accept/)
  await page.getByText('A step waits for something that you have not chosen').waitFor()
  t.equal((await desk.get(id)).state, 'open')
  await press(page, 'Accept 4 of 6')
  await page.getByText('Accepted: MC-1').waitFor()
  t.same(await titles(), [
    'Back up the wiki twice',
    'Copy pages and uploads over, and compare the counts',
    'Point wiki.example.org to the new host',
    'Drink to it',
  ])
  t.match((await desk.get(id)).accepted?.steps[0], { risk: 'high' })
})

t.test('a form whose plan was decided in another window says so, and sends nothing', async (t) => {
  const { ask, open, desk } = await begin(t)
  const { id } = await ask()
  const page = await open(id)
  await page.getByLabel('A word to Luci').fill('Not like this')
  await desk.refuse(id, { by })
  await page.getByRole('alert').getByText('Decided meanwhile: refused').waitFor()
  t.equal(await page.locator('.proposal-form button:enabled').count(), 0)
  t.equal(await page.getByLabel('A word to Luci').inputValue(), 'Not like this')
  await page.getByRole('link', { name: 'See what came of it' }).click()
  await page.getByText('What was proposed').waitFor()
})

for (const javaScript of [true, false])
  t.test(
    `a plan is sent back, parked or refused ${javaScript ? 'with' : 'without'} script`,
    async (t) => {
      const { running, ask, open, desk, titles, window } = await begin(t, { javaScript })
      const back = await ask('Back')
      const parked = await ask('Parked')
      const refused = await ask('Refused')
      const empty = await ask('Empty')
      let page = await open(back.id)
      await page.getByLabel('May the wiki be read-only').fill('Yes')
      await page.getByLabel('A word to Luci').fill('Keep the old host for a month')
      await press(page, 'Ask for changes')
      await page.getByText('Luci was asked for changes').waitFor()
      const turns = await createTurns(running.db, running.clock).list({ limit: 1 })
      t.match(turns[0]?.text, /Keep the old host for a month[\s\S]*read-only[\s\S]*→ Yes/)
      t.equal((await desk.get(back.id)).state, 'changes_asked')

      page = await open(parked.id)
      await page.getByLabel('Choose Write the note').uncheck()
      await press(page, 'File as parked')
      await page.getByText('Filed as parked: MC-1').waitFor()
      t.equal((await titles()).length, 5, 'what is not chosen is parked, too')

      page = await open(refused.id)
      await page.getByLabel('A word to Luci').fill('No money for a host')
      await press(page, 'Refuse')
      await page.getByText('You said: No money for a host').waitFor()

      page = await open(empty.id)
      for (const box of await page.getByRole('checkbox', { name: /^Choose/ }).all())
        await box.uncheck()
      await page.getByLabel('A word to Luci').fill('Hm')
      await press(page, /^Accept/)
      await page.getByText('No step is chosen').waitFor()
      t.equal(await page.getByLabel('A word to Luci').inputValue(), 'Hm')

      page = await window.newPage()
      await page.goto('/proposals?state=parked')
      await page.getByText('5 tickets: 5 parked').waitFor()
      t.equal(await page.locator('.item').count(), 1)
    },
  )

t.test('what was decided meanwhile is shown beside what one had typed', async (t) => {
  // With script the form is closed as soon as it is decided.
  const { ask, open, desk } = await begin(t, { javaScript: false })
  const { id } = await ask()
  const page = await open(id)
  await page.locator('#step-backup .step-title').fill('Back up the wiki twice')
  await page.getByLabel('A word to Luci').fill('My long thoughts')
  await desk.askChanges(id, { note: 'Other', by })
  await press(page, /^Accept/)
  await page.getByText('Somebody changed this proposal while you had it before you').waitFor()
  t.equal(await page.locator('#step-backup .step-title').inputValue(), 'Back up the wiki twice')
  await desk.refuse(id, { by })
  await press(page, /^Accept/)
  await page.getByText('It was decided while you had it before you').waitFor()
  await page.getByText('My long thoughts').waitFor()
  await page.getByText('Back up the wiki twice').first().waitFor()
})

t.test('a plan stands under its turn, on Home and in the navigation as it is made', async (t) => {
  const { running, turn, window, desk } = await begin(t)
  const page = await window.newPage()
  await page.goto('/')
  await page.getByText('Here is my plan.').waitFor()
  const inFlight = await createTurns(running.db, running.clock).get(turn.id)
  const { id } = await propose(running, running.config, inFlight, {
    title: 'Two small things',
    steps: [
      { do: 'file', name: 'a', title: 'One', risk: 'low', does: 'person' },
      { do: 'file', name: 'b', title: 'Two', risk: 'low', does: 'person', after: ['a'] },
    ],
  })
  const card = page.locator(`#turn-${turn.id} .proposal-card`)
  await card.getByRole('link', { name: 'Two small things', exact: true }).waitFor()
  await page.locator('#watch').getByRole('link', { name: 'Two small things' }).waitFor()
  await page.locator('#nav').getByRole('link', { name: 'Proposals 1 open' }).waitFor()
  await card.getByRole('button', { name: 'Accept all 2' }).click()
  await page.getByText('Accepted: MC-1, MC-2').waitFor()
  await card.getByText('2 tickets: 1 to do and 1 blocked').waitFor()
  await createTickets(running.db, running.clock).move(1, 'done', by)
  await card.getByText(/1 done/).waitFor()
  t.equal((await desk.get(id)).state, 'accepted')

  // The keys are there once it has loaded.
  await page.waitForLoadState()
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await page.waitForURL('/proposals')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(`/proposals/${id}`)
  await page.locator('.graph-node.good').waitFor()
  await page.locator('.graph-node').filter({ hasText: 'MC-2' }).click()
  await page.waitForURL('/tickets/MC-2')
  await page.getByRole('link', { name: `From proposal ${id}` }).waitFor()
  await until('the drawing to stay within the window', async () =>
    Boolean(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')),
  )
})
