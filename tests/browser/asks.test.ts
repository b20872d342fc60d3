import { createQuestions } from '@mc/core/questions/questions.ts'
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

t.test(
  'a question that she goes on without appears, keeps what is typed, and says who answered',
  async (t) => {
    const app = await startApp(t)
    const questions = createQuestions(app.db, app.clock)
    const context = await signIn(t, await openBrowser(t), app, { width: 390, height: 800 })
    const page = await context.newPage()
    const turn = await app.luci.send({ text: 'Order a disk', origin: 'user' })
    await app.luci.say(turn.id, 'I need to know one thing.')
    await page.goto(app.url)
    const asked = await questions.ask(turn, { text: 'Which disk?', options: ['4 TB', '8 TB'] })
    const own = page.getByPlaceholder('Or in your own words')
    await own.waitFor()
    await page.locator('#watch').getByText('Which disk?').waitFor({ state: 'attached' })
    // What is fetched already when somebody begins to write does not go over it.
    const held = Promise.withResolvers<void>()
    await page.route(/\/questions$/, async (route) => {
      await held.promise
      await route.continue()
    })
    const begun = page.waitForRequest(/\/questions$/)
    const other = await questions.ask(turn, { text: 'Which shop?' })
    await begun
    await own.fill('two small')
    const refreshed = page.evaluate(
      `new Promise((done) => document.addEventListener('mc:refreshed', () => done()))`,
    )
    held.resolve()
    await refreshed
    t.equal(await own.inputValue(), 'two small')
    await questions.withdraw(other.id, 'Ana')
    await app.luci.finish(turn.id)
    await page.locator(`#turn-${turn.id}:not([data-open])`).waitFor()
    t.equal(await own.inputValue(), 'two small', 'the turn has ended, and the words are there')
    await own.pressSequentially(' ones')
    t.equal(await own.inputValue(), 'two small ones')
    await page.locator('#composer-text').focus()
    await questions.answer(asked.id, { answer: '8 TB', by: 'Ana', via: 'telegram' })
    await page.getByText('Answered at Telegram by Ana: 8 TB').waitFor()
    t.equal(await own.count(), 0)

    const second = await questions.ask(turn, { text: 'When?', options: ['now', 'never'] })
    await page.getByRole('button', { name: 'never' }).click()
    await page.getByText('Answered on the page: never').waitFor()
    t.match(await questions.get(second.id), { answer: 'never', answeredBy: 'person' })
    await page.locator('.text', { hasText: 'your question 3 (“When?”): never' }).waitFor()
  },
)
