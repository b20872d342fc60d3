import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { aTask } from '../support/tasks.ts'
import { until } from '../support/until.ts'

const browser = await openBrowser(t)

t.test('the log of a run is followed on its page, also over a reload', async (t) => {
  const running = await startApp(t)
  const runs = createRuns(running.db, running.clock)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const log = createRunLogs(running.config.dataDir).open(id)
  log.write('line 0\n', 'stdout')
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto(`/runs/${id}`)
  const output = page.locator('pre.output')
  await page.getByText('it says appears here').waitFor()
  for (let n = 1; n < 200; n++) log.write(`line ${n}\n`, 'stdout')
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}\n`).join('')
  await until('all lines are there', async () => (await output.textContent()) === lines(200))
  const isAtEnd = () =>
    page.evaluate(`(() => {
    const log = document.querySelector('pre.output')
    return log.scrollHeight - log.scrollTop - log.clientHeight < 5
  })()`)
  t.ok(await isAtEnd(), 'the newest line is in sight')

  await page.evaluate(`document.querySelector('pre.output').scrollTop = 0`)
  log.write('line 200\n', 'stdout')
  await until('the next line is there', async () => (await output.textContent()) === lines(201))
  t.notOk(await isAtEnd(), 'who reads further up is left there')

  await page.reload()
  log.write('line 201\n', 'stdout')
  await until('nothing is twice', async () => (await output.textContent()) === lines(202))
  log.end()
  await runs.end(id, { status: 'ok' })
  await page.getByText('It has ended').waitFor()
  await page.locator('#run').getByText('Went well').waitFor()
})

t.test('without script a reload shows what came', async (t) => {
  const running = await startApp(t)
  const runs = createRuns(running.db, running.clock)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  const log = createRunLogs(running.config.dataDir).open(run?.id ?? '')
  log.write('one\n', 'stdout')
  const page = await (await signIn(t, browser, running, { javaScript: false })).newPage()
  await page.goto(`/runs/${run?.id}`)
  await page.getByText('load this page again to see more').waitFor()
  log.write('two\n', 'stdout')
  await page.reload()
  t.equal(await page.locator('pre.output').textContent(), 'one\ntwo\n')
  log.end()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Download/ }).click(),
  ])
  t.equal(download.suggestedFilename(), `backup-${run?.id}.log`)
})

t.test('a person narrows the tasks, pauses one with an end, and resumes it', async (t) => {
  const running = await startApp(t)
  await createTasks(running.db, running.clock).sync([
    aTask({ id: 'backup', title: 'Nightly backup', tags: ['night'] }),
    aTask({ id: 'mail', title: 'Mail' }),
  ])
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/schedules')
  await page.getByLabel('Tag').selectOption('night')
  await page.waitForURL(/tag=night/)
  await page.getByRole('link', { name: 'Show all' }).waitFor()
  t.equal(await page.locator('.task').count(), 1)
  await page.getByRole('link', { name: 'Nightly backup', exact: true }).click()
  await page.waitForURL('/schedules/backup')
  await page.locator('summary', { hasText: 'Pause Nightly backup' }).click()
  await page.getByLabel('Why').fill('moving house')
  await page.getByLabel('Until').fill('2099-01-01T10:00')
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page
    .locator('#task')
    .getByText(/moving house \(until Thu/)
    .waitFor()
  await page.getByRole('button', { name: 'Resume Nightly backup' }).click()
  await page.getByText('“Nightly backup” runs again').waitFor()
})

t.test('a task that waits to start tells no time of a start', async (t) => {
  const running = await startApp(t)
  await createTasks(running.db, running.clock).sync([aTask({ id: 'backup', title: 'Backup' })])
  const slot = running.clock.now()
  await createRuns(running.db, running.clock).begin({ taskId: 'backup', slot, trigger: 'schedule' })
  const page = await (await signIn(t, browser, running)).newPage()
  for (const [url, place] of [
    ['/schedules', '#task-backup'],
    ['/schedules/backup', '#task'],
  ] as const) {
    await page.goto(url)
    await page.locator(place).getByText('Waiting to start').first().waitFor()
    t.notMatch(await page.locator('main').innerHTML(), /NaN|datetime="(null)?"|>never</, url)
  }
})

t.test(
  'a time is read in the zone of who typed it; without script the field names its own',
  async (t) => {
    const running = await startApp(t)
    const tasks = createTasks(running.db, running.clock)
    await tasks.sync([aTask({ id: 'backup', title: 'Backup' })])
    const away = await signIn(t, browser, running, { timezoneId: 'America/New_York' })
    const page = await away.newPage()
    await page.goto('/schedules/backup')
    await page.locator('summary', { hasText: 'Pause Backup' }).click()
    await page.getByLabel('Why').fill('moving house')
    await page.getByLabel('Until').fill('2099-01-01T10:00')
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByText(/until Thu,? 1 Jan,? 10:00/).waitFor()
    t.equal((await tasks.get('backup')).paused?.until, '2099-01-01T15:00:00.000Z')

    await page.goto('/runs')
    await page.getByLabel('From').fill('2026-07-01T10:00')
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.waitForURL(/from=2026-07-01T14%3A00/)
    t.equal(await page.getByLabel('From').inputValue(), '2026-07-01T10:00', 'and shown in it')

    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    const plain = await (await signIn(t, browser, running, { javaScript: false })).newPage()
    await plain.goto('/runs?from=2026-07-01T10:00')
    await plain.getByText(`From (${timeZone})`).waitFor()
    t.equal(await plain.getByLabel('From').inputValue(), '2026-07-01T10:00')
    await plain.goto('/schedules')
    await plain.locator('#pause-all summary').click()
    await plain.getByText(`(optional, in ${timeZone})`).first().waitFor()
  },
)

t.test('the form to pause opens whole on the screen, on a desk and a phone', async (t) => {
  const running = await startApp(t)
  await createTasks(running.db, running.clock).sync([aTask({ id: 'backup', title: 'Backup' })])
  for (const width of [1280, 390]) {
    const page = await (await signIn(t, browser, running, { width })).newPage()
    for (const [url, place] of [
      ['/schedules', '#pause-all'],
      ['/schedules', '#task-backup'],
      ['/schedules/backup', '#task'],
    ] as const) {
      await page.goto(url)
      const pop = page.locator(`${place} details.pop`)
      await pop.locator('summary').click()
      const form = await pop.locator('form').boundingBox()
      const field = await pop.getByLabel('Until').boundingBox()
      t.ok(form && form.x >= 0 && form.x + form.width <= width, `${place} at ${width}`)
      t.ok(form && field && field.x + field.width < form.x + form.width, 'the field is within it')
      t.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width)
    }
  }
})

t.test('a run tells its times in the zone of the reader and in UTC', async (t) => {
  const running = await startApp(t)
  const slot = new Date('2026-07-01T14:00:00.000Z')
  const runs = createRuns(running.db, running.clock)
  const run = await runs.begin({ taskId: 'backup', slot, trigger: 'schedule' })
  const away = await signIn(t, browser, running, { timezoneId: 'America/New_York' })
  const page = await away.newPage()
  await page.goto(`/runs/${run?.id}`)
  await page.getByText(/Wed,? 1 Jul,? 10:00 \(2026-07-01 14:00:00 UTC\)/).waitFor()
})

t.test('on a phone the next runs stand there whole, in both zones', async (t) => {
  const running = await startApp(t)
  const task = aTask({ id: 'backup', title: 'Backup', timezone: 'America/New_York' })
  await createTasks(running.db, running.clock).sync([task])
  const page = await (await signIn(t, browser, running, { width: 390 })).newPage()
  await page.goto('/schedules/backup')
  const table = page.getByRole('group', { name: 'Table of next runs' })
  await table.getByText('UTC').waitFor()
  t.equal(await table.evaluate((box) => box.scrollWidth - box.clientWidth), 0)
})
