import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'
import { startWithLuci } from './real-luci.ts'

const browser = await openBrowser(t)

const write = async (page: Page, text: string) => {
  await page.getByLabel('Message or ticket').fill(text)
  await page.getByLabel('Message or ticket').press('Control+Enter')
}
/** Where lines and paragraphs break is not what is compared. */
const words = (text: string) => text.split(/\s+/).join(' ').trim()

const answered = (page: Page) => page.locator('.turn').getByText('Answered', { exact: true })
// As it looks, line breaks and all; textContent would not have them.
// biome-ignore lint/performance/useDomNodeTextContent: the look is what is tested
const replyText = (page: Page) => page.locator('[data-reply]').last().innerText()

t.test('a chat is answered inline by the house responder', async (t) => {
  const running = await startWithLuci(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  await write(page, 'status')
  await answered(page).waitFor()
  const [turn] = (await running.db.kysely.selectFrom('turns').selectAll().execute()) ?? []
  t.match(turn, { state: 'answered', origin: 'user' })
  t.match(await replyText(page), /Tickets.*Inbox/s)
  const box = page.getByLabel('Message or ticket')
  await until('what was sent to go', async () => (await box.inputValue()) === '')
  await page.locator('.pill').getByText('idle').waitFor()
  await page.reload()
  t.match(await replyText(page), /Tickets.*Inbox/s, 'and is there after a reload')
})

t.test('a reload in mid-reply neither loses nor doubles a word', async (t) => {
  const running = await startWithLuci(t, {
    MC_LUCI_PROFILE: 'generic',
    MC_LUCI_COMMAND: 'bash --norc --noprofile',
  })
  await until('Luci to be idle', () => running.luci.status().state === 'idle')
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  // It goes on until the test has seen enough, however long that takes.
  const enough = join(running.config.dataDir, 'enough')
  await write(page, `until [ -e ${enough} ]; do echo "line $((++i)) é"; sleep 0.1; done`)
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n + 1} é`)
  const whole = lines(2_000).join('\n')
  const streaming = page.locator('[data-reply].streaming')
  await streaming.getByText('line 8 é').waitFor()
  t.ok(whole.startsWith(((await streaming.textContent()) ?? '').trimEnd()), 'before the reload')
  await page.reload()
  await streaming.getByText('line 20 é').waitFor()
  const later = ((await streaming.textContent()) ?? '').trimEnd()
  t.ok(whole.startsWith(later), 'after the reload')
  await streaming.getByText(`line ${later.split('\n').length + 3} é`).waitFor()
  writeFileSync(enough, '')
  await answered(page).waitFor()
  const said = (await replyText(page)).split('\n')
  t.same(said, lines(said.length))
})

t.test('a delta that was missed is fetched, one that comes twice is not shown twice', async (t) => {
  const running = await startApp(t)
  const { luci } = running
  const page = await (await signIn(t, browser, running)).newPage()
  const turn = await luci.send({ text: 'Hello', origin: 'user' })
  await luci.say(turn.id, 'One ')
  await page.goto('/')
  const reply = page.locator('[data-reply]')
  await reply.getByText('One').waitFor()
  await luci.say(turn.id, 'two ')
  await reply.getByText('One two').waitFor()
  luci.tell({ type: 'text', turnId: turn.id, from: 4, text: 'two ' })
  // Said to the record alone: this window is not told.
  await running.db.kysely.updateTable('turns').set({ reply: 'One two three ' }).execute()
  await luci.say(turn.id, 'four')
  await reply.getByText('four').waitFor()
  t.equal((await reply.textContent())?.trim(), 'One two three four')
})

t.test('the pill follows Luci, in words and with the time it takes', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.locator('.pill').getByText('Luci idle').waitFor()
  running.luci.setStatus({ state: 'working', since: new Date(Date.now() - 65_000).toISOString() })
  await page
    .locator('.pill')
    .getByText(/Luci working 1:\d\d/)
    .waitFor()
  running.luci.setStatus({ state: 'needs_you' })
  await page.locator('.pill').getByText('Luci needs you').waitFor()
})

t.test('earlier messages come in above without leaving the page', async (t) => {
  const running = await startApp(t)
  for (let i = 1; i <= 30; i++) {
    const turn = await running.luci.send({ text: `Message ${i}.`, origin: 'user' })
    await running.luci.finish(turn.id)
  }
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  t.equal(await page.locator('.turn').count(), 16)
  await page.getByText('Earlier messages').click()
  await page.locator('.asked').getByText('Message 1.', { exact: true }).waitFor()
  t.equal(await page.locator('.turn').count(), 30)
  t.equal(new URL(page.url()).search, '')
  t.match(await page.locator('.turn .text').first().textContent(), 'Message 1.')
})

t.test('a message sent by mc appears in the open thread, one taken back goes', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  const turns = createTurns(running.db, running.clock)
  const turn = await turns.queue({ text: 'From the command line', origin: 'api' })
  await page.locator('.asked .text').getByText('From the command line').waitFor()
  await turns.remove(turn.id)
  await page.locator('.turn').waitFor({ state: 'detached' })
})

t.test('a reply in Markdown is shown as such while it grows and once it has ended', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  await write(page, 'Hello')
  const turn = await until(
    'the turn',
    async () => (await running.db.kysely.selectFrom('turns').selectAll().execute())[0],
  )
  await running.luci.say(turn.id, 'It is **done**')
  await page.locator('.streaming strong').getByText('done').waitFor()
  await running.luci.finish(turn.id)
  await page.locator('.reply strong').getByText('done').waitFor()
  await answered(page).waitFor()
})

t.test('a quick ticket is on the board, and a board left open hears of it', async (t) => {
  const running = await startApp(t)
  const context = await signIn(t, browser, running)
  const board = await context.newPage()
  await board.goto('/board')
  const page = await context.newPage()
  await page.goto('/')
  await page.getByLabel('Message or ticket').focus()
  await page.keyboard.press('Alt+Digit2')
  await write(page, 'Buy disks')
  await page.getByText('MC-1 Buy disks').waitFor()
  await board.locator('#columns').getByText('Buy disks').waitFor()
  t.equal(await board.locator('.ticket-card').count(), 1)
})

t.test('the mode and the draft survive a reload', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  await page.getByLabel('Message or ticket').fill('Half a thought')
  await page.keyboard.press('Alt+Digit3')
  await page.reload()
  t.equal(await page.getByLabel('Message or ticket').inputValue(), 'Half a thought')
  t.ok(await page.getByLabel('Luci do it now').isChecked())
  await page.getByRole('button', { name: 'Do it now' }).waitFor()
})

t.test('what Luci has in hand is stopped, what waits is edited and taken back', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  const first = await running.luci.send({ text: 'First', origin: 'user' })
  await running.luci.say(first.id, 'Well')
  await running.luci.send({ text: 'Second', origin: 'user' })
  await page.goto('/')
  await page.getByText('Edit', { exact: true }).click()
  await page.getByLabel('The waiting message').fill('Second, better')
  await page.getByRole('button', { name: 'Save' }).click()
  const waiting = page.locator('.asked .text').getByText('Second, better')
  await waiting.waitFor()
  await page.getByRole('button', { name: 'Take back' }).click()
  await waiting.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('.receipt').getByText('Interrupted').waitFor()
})

t.test('without script all three modes work', async (t) => {
  const running = await startApp(t, { env: { MC_WORKER_COMMAND: 'true' } })
  const page = await (await signIn(t, browser, running, { javaScript: false })).newPage()
  const send = async (mode: string, text: string) => {
    await page.goto('/')
    await page.locator('label', { hasText: mode }).click()
    await page.locator('#composer-text').fill(text)
    await page.locator('.composer button[type=submit]').click()
  }
  await send('Quick Ticket', 'Buy disks')
  await page.getByRole('status').getByText('Filed MC-1').waitFor()
  await send('Luci do it now', 'Sort the disks')
  await page.getByRole('status').getByText('MC-2 was handed to a worker').waitFor()
  await send('Chat with Luci', 'How are the disks?')
  await page.locator('.asked .text').getByText('How are the disks?').waitFor()
  const filed = await createTickets(running.db, running.clock).list()
  t.same(
    filed.map(({ key, status }) => `${key} ${status}`),
    ['MC-2 doing', 'MC-1 todo'],
  )
})

t.test('when the api was away the page catches up by itself', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  const turn = await running.luci.send({ text: 'Hello', origin: 'user' })
  await page.locator('.asked .text').getByText('Hello').waitFor()
  await page.context().setOffline(true)
  await running.luci.say(turn.id, 'Good morning')
  await running.luci.finish(turn.id)
  await page.context().setOffline(false)
  await page.locator('.reply').getByText('Good morning').waitFor()
  await answered(page).waitFor()
  t.equal(await page.locator('.turn').count(), 1)
})

t.test(
  'a very long message and reply arrive on an open page, and stand whole on their own',
  async (t) => {
    const running = await startApp(t)
    const { luci } = running
    const page = await (await signIn(t, browser, running)).newPage()
    await page.goto('/')
    const turn = await luci.send({ text: 'asked '.repeat(20_000), origin: 'user' })
    await page.locator('.asked').getByText('Show all').waitFor()
    const reply = page.locator('[data-reply]')
    const long = 'said '.repeat(20_000)
    await luci.say(turn.id, 'Here it comes: ')
    await reply.getByText('Here it comes').waitFor()
    await luci.say(turn.id, long)
    await luci.say(turn.id, ' and that was it.')
    await reply.getByText('and that was it').waitFor()
    const whole = `Here it comes: ${long} and that was it.`
    const shown = words((await reply.textContent()) ?? '')
    // All of it, or its end where the page was fetched meanwhile.
    t.ok(
      shown.length >= 3_900 && words(whole).endsWith(shown),
      'nothing is missing, nothing doubled',
    )
    await luci.finish(turn.id)
    await answered(page).waitFor()
    await page.locator('.answer').getByText('Show all').click()
    await page.waitForURL(/\/turns\//)
    t.ok(words((await reply.textContent()) ?? '') === words(whole), 'the exact reply')
    t.ok(
      (await page.locator('.asked .text').textContent()) === 'asked '.repeat(20_000),
      'and message',
    )
  },
)
