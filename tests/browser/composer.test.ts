import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { openBrowser, type Page, signIn } from '../support/browser.ts'
import { until } from '../support/until.ts'

const browser = await openBrowser(t)
const phone = { width: 390, height: 844 }
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const box = (page: Page) => page.getByLabel('Message or ticket')
const pick = (page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  page.locator('[data-composer-pick]').setInputFiles(files)
const turnsOf = ({ db }: RunningApp) =>
  db.kysely.selectFrom('turns').selectAll().orderBy('seq').execute()

t.test(
  'each mode keeps its own draft, which is kept when sending fails and goes when it succeeds',
  async (t) => {
    const running = await startApp(t)
    const page = await (await signIn(t, browser, running)).newPage()
    await page.goto('/')
    await box(page).fill('For Luci')
    await page.keyboard.press('Alt+Digit2')
    t.equal(await box(page).inputValue(), 'For Luci', 'it goes along to an empty mode')
    await page.keyboard.press('Alt+Digit1')
    await box(page).fill('For Luci')
    await page.evaluate(`localStorage.setItem('mc.draft.quick_ticket', 'A ticket')`)
    await page.keyboard.press('Alt+Digit2')
    t.equal(await box(page).inputValue(), 'A ticket')
    await page.goto('/board')
    await page.getByText('Write to Luci, or file a ticket').click()
    t.equal(await box(page).inputValue(), 'A ticket', 'on another page too')
    await page.keyboard.press('Alt+Digit1')
    t.equal(await box(page).inputValue(), 'For Luci')
    await page.goto('/')
    await page.context().setOffline(true)
    await box(page).press('Control+Enter')
    await page.getByText('Your text is kept; try again.').waitFor()
    await page.context().setOffline(false)
    t.equal(await box(page).inputValue(), 'For Luci')
    await box(page).press('Control+Enter')
    await page.locator('.asked').getByText('For Luci').waitFor()
    await until('what was sent to go', async () => (await box(page).inputValue()) === '')
    await page.reload()
    t.equal(await box(page).inputValue(), '')
    t.equal((await turnsOf(running)).length, 1, 'and it was sent once')
  },
)

t.test('what is typed and attached while a message is on its way stays', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  const held = Promise.withResolvers<void>()
  await page.route('**/api/v1/**', async (route) => {
    if (route.request().postData()?.includes('First')) await held.promise
    await route.continue()
  })
  await box(page).fill('First')
  await box(page).press('Control+Enter')
  await box(page).press('End')
  await box(page).pressSequentially(' and second')
  await pick(page, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') })
  await page.getByRole('button', { name: 'Take back notes.txt' }).waitFor()
  held.resolve()
  await page.locator('.asked').getByText('First').waitFor()
  await until('what was sent to go', async () => (await box(page).inputValue()) === 'and second')
  t.equal(await page.locator('.composer .file').count(), 1)
  await page.reload()
  t.equal(await box(page).inputValue(), 'and second', 'it is a draft')
})

t.test('a picture and a file are attached, one is taken back, Luci hears the path', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running, phone)).newPage()
  await page.goto('/')
  await pick(
    page,
    { name: 'shot.png', mimeType: 'image/png', buffer: PNG },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
  )
  await page.locator('.composer .file img').waitFor()
  // Both are there: what is taken back in mid-upload may be kept for a day.
  await page.locator('.composer .file').getByText('1 B', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Take back notes.txt' }).click()
  await until('the file is gone', async () => {
    const rows = await running.db.kysely.selectFrom('attachments').selectAll().execute()
    return rows.length === 1
  })
  await page.reload()
  await page.locator('.composer .file img').waitFor()
  await box(page).fill('What is this?')
  await page.getByRole('button', { name: 'Send' }).click()
  const shown = page.locator('.asked .file img')
  await shown.waitFor()
  await until('the picture to be shown', () =>
    page.evaluate<boolean>(`document.querySelector('.asked .file img').naturalWidth === 1`),
  )
  const [turn] = await turnsOf(running)
  t.match(turn?.text, /^What is this\?\n\nAttached: \S+shot\.png \(image\/png, \d+ B\)$/)
  t.equal(await page.locator('.asked .text').textContent(), 'What is this?')
  await page.locator('.composer .file').waitFor({ state: 'detached' })
})

t.test('a picture is pasted and dropped; what is too large is said in words', async (t) => {
  const running = await startApp(t, { env: { MC_ATTACHMENT_MB: '1' } })
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  const give = (type: 'paste' | 'drop', name: string, bytes: number) =>
    page.evaluate(`{
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(${bytes})], '${name}'))
      const how = { bubbles: true, cancelable: true }
      const event = '${type}' === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: data, ...how })
        : new DragEvent('drop', { dataTransfer: data, ...how })
      document.querySelector('#composer-text').dispatchEvent(event)
      }`)
  await give('paste', 'pasted.bin', 10)
  await page.locator('.composer .file').getByText('10 B').waitFor()
  await give('drop', 'dropped.bin', 20)
  await page.locator('.composer .file').getByText('20 B').waitFor()
  await give('drop', 'large.bin', 1_100_000)
  await page.getByText('large.bin is larger than 1.0 MB').waitFor()
  t.equal(await page.locator('.composer .file').count(), 2)
})

t.test('words of a ticket’s first line are shown as chips while it is typed', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  await page.keyboard.press('Alt+Digit2')
  await box(page).fill('Buy disks !1 #nas due:2026-12-01')
  const chips = page.getByLabel('What this ticket will have')
  await chips.getByText('Tue, 1 Dec 2026').waitFor()
  t.same(
    (await chips.locator('li').allInnerTexts()).map((text) => text.split(':').at(-1)?.trim()),
    ['critical', '#nas', 'Tue, 1 Dec 2026'],
  )
  await box(page).press('Control+Enter')
  await page.getByText('MC-1 Buy disks').waitFor()
  const ticket = await running.db.kysely.selectFrom('tickets').selectAll().executeTakeFirst()
  t.match(ticket, {
    title: 'Buy disks',
    priority: 'critical',
    labels: '["nas"]',
    due: '2026-12-01',
  })
})

t.test('code is copied, and a reply as she wrote it', async (t) => {
  const running = await startApp(t)
  const context = await signIn(t, browser, running)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const turn = await running.luci.send({ text: 'How?', origin: 'user' })
  const reply = 'So:\n\n```sh\nls -l\n```\n\nSee MC-1 and `MC-2`.'
  await running.luci.say(turn.id, reply)
  await running.luci.finish(turn.id)
  await page.goto('/')
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()')
  // It is said for a moment only.
  const said = page.evaluate(`new Promise((done) => {
    const button = document.querySelector('[data-copy-code]')
    const look = () => button.textContent.trim() === 'Copied' && done()
    new MutationObserver(look).observe(button, { childList: true, characterData: true, subtree: true })
  })`)
  await page.locator('[data-copy-code]').click()
  await said
  t.equal(await copied(), 'ls -l\n')
  await page.locator('[data-copy-reply]').click()
  await until('the reply', async () => (await copied()) === reply)
  t.equal(await page.locator('.reply a').count(), 1, 'no link in code')
})

t.test(
  'a message that waits is edited in place, with the last key, and says when it is too late',
  async (t) => {
    const running = await startApp(t)
    const page = await (await signIn(t, browser, running)).newPage()
    const first = await running.luci.send({ text: 'First', origin: 'user' })
    await running.luci.say(first.id, 'Well')
    const second = await running.luci.send({ text: 'Second', origin: 'user' })
    await running.luci.send({ text: 'Third', origin: 'user' })
    await page.goto('/')
    await page.getByText('number 2 in line').waitFor()
    await box(page).press('ArrowUp')
    const edit = page.getByLabel('The waiting message')
    await edit.last().fill('Third, better')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.asked').getByText('Third, better').waitFor()
    // It is typed in the meantime, and this page does not look, from its first moment on.
    await page.addInitScript(
      `Object.defineProperty(document, 'hidden', { value: true, configurable: true })`,
    )
    await page.reload()
    const waiting = page.locator(`[data-turn="${second.id}"]`)
    await waiting.getByText('Edit', { exact: true }).click()
    await waiting.getByLabel('The waiting message').fill('Second, late')
    await createTurns(running.db, running.clock).move(second.id, ['queued'], 'typed')
    await waiting.getByRole('button', { name: 'Save' }).click()
    await waiting.getByText(/is typed; only a queued one can be edited/).waitFor()
    // Now it does.
    await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: false, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)
    await waiting.getByText('Your words are in the composer.').waitFor()
    t.equal(await box(page).inputValue(), 'Second, late')
    t.equal((await turnsOf(running))[1]?.text, 'Second')
  },
)

t.test(
  'a message that was lost is asked again when a person says so, with or without script',
  async (t) => {
    const running = await startApp(t)
    const lost = await running.luci.send({ text: 'Restart it', origin: 'user' })
    await running.luci.interrupt(
      (await createTurns(running.db, running.clock).move(lost.id, ['queued'], 'typed'))?.id,
    )
    const page = await (await signIn(t, browser, running, phone)).newPage()
    await page.goto('/')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await until('the second', async () => (await turnsOf(running)).length === 2)
    await page.locator('.turn.waiting .text').getByText('Restart it').waitFor()
    const plain = await (
      await signIn(t, browser, running, { ...phone, javaScript: false })
    ).newPage()
    await plain.goto('/')
    await plain.getByRole('button', { name: 'Ask again' }).click()
    await plain.getByRole('status').getByText('Asked again').waitFor()
    t.same(
      (await turnsOf(running)).map(({ text, state }) => `${text} ${state}`),
      ['Restart it interrupted', 'Restart it queued', 'Restart it queued'],
    )
  },
)

t.test(
  'without script a file goes with the form, a waiting message is edited and taken back',
  async (t) => {
    const running = await startApp(t)
    const page = await (await signIn(t, browser, running, { javaScript: false })).newPage()
    await page.goto('/')
    await page.locator('#composer-text').fill('Read this')
    await page
      .locator('.composer input[type=file]')
      .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: PNG })
    await page.locator('.composer button[type=submit]').click()
    await page.locator('.asked .file').getByText('a.png').waitFor()
    await page.getByText('Edit', { exact: true }).click()
    t.equal(await page.getByLabel('The waiting message').inputValue(), 'Read this')
    await page.getByLabel('The waiting message').fill('Read that')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.asked').getByText('Read that').waitFor()
    t.match((await turnsOf(running))[0]?.text, /^Read that\n\nAttached: \S+a\.png/)
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByRole('status').getByText('Taken back').waitFor()
  },
)

t.test(
  'who reads further up is left in peace and finds a way down; who is at the end stays there',
  async (t) => {
    const running = await startApp(t)
    const { luci } = running
    for (let n = 1; n <= 25; n++) {
      const turn = await luci.send({ text: `Message ${n}.`, origin: 'user' })
      await luci.say(turn.id, 'Words. '.repeat(40))
      await luci.finish(turn.id)
    }
    const going = await luci.send({ text: 'And now?', origin: 'user' })
    const page = await (await signIn(t, browser, running, phone)).newPage()
    await page.goto('/')
    const isAtEnd = () =>
      page.evaluate<boolean>('innerHeight + scrollY > document.documentElement.scrollHeight - 160')
    await until('the end', isAtEnd)
    await luci.say(going.id, 'One.\n\n'.repeat(40))
    await page.locator('.streaming').getByText('One.').last().waitFor()
    await until('still at the end', isAtEnd)
    await page.evaluate('scrollTo(0, 300)')
    const latest = page.getByRole('button', { name: 'Latest' })
    await latest.waitFor()
    await luci.say(going.id, 'Two.\n\n'.repeat(40))
    await page.locator('[data-latest][data-news]').waitFor()
    t.equal(await page.evaluate<number>('scrollY'), 300)
    await latest.click()
    await until('the end again', isAtEnd)
    const earlier = page.getByText('Earlier messages')
    // In the middle nothing lies over it, and clicking does not scroll.
    await earlier.evaluate((link) => link.scrollIntoView({ block: 'center' }))
    const top = page.locator('.asked').getByText('Message 11.', { exact: true })
    const before = (await top.boundingBox())?.y
    await earlier.click()
    await page.locator('.asked').getByText('Message 1.', { exact: true }).waitFor()
    await until('what was read to stay in its place', async () => {
      const y = (await top.boundingBox())?.y ?? 0
      return Math.abs(y - (before ?? 0)) < 60
    })
  },
)

t.test('a question is told aloud, reached by a key and answered in place', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/')
  const turn = await running.luci.send({ text: 'Tidy up', origin: 'user' })
  await running.luci.say(turn.id, 'Well')
  await page.locator('.streaming').getByText('Well').waitFor()
  const prompt = {
    id: 'p1',
    kind: 'permission',
    text: 'Run it?',
    command: 'rm -rf old',
    choices: [{ id: '1', label: 'Yes' }],
  }
  const blocked = await createTurns(running.db, running.clock).move(
    turn.id,
    ['answering'],
    'blocked',
    { prompt: prompt as never },
  )
  if (!blocked) return t.fail('it was not answering')
  running.luci.tell({ type: 'turn', turn: blocked })
  await page
    .locator('[data-aloud]')
    .getByText('Luci asks for permission')
    .waitFor({ state: 'attached' })
  await page.keyboard.press('F8')
  t.equal(await page.locator(':focus').textContent(), 'Yes')
  await page.locator('.turn').evaluate((shown) => shown.setAttribute('data-old', ''))
  running.luci.tell({ type: 'turn', turn: blocked })
  await page.locator('.turn:not([data-old])').waitFor()
  t.equal(await page.locator(':focus').textContent(), 'Yes', 'also in a newer article')
  await page.keyboard.press('Enter')
  await page.locator('.prompt').waitFor({ state: 'detached' })
  t.equal((await turnsOf(running))[0]?.state, 'answering')
})
