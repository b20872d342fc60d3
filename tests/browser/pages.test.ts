import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { openBrowser, signIn } from '../support/browser.ts'
import { aTask } from '../support/tasks.ts'

const browser = await openBrowser(t)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const LONG = 'averyveryverylongwordwithoutanyspacewhichmustbreaksomewhere'.repeat(3)

/** A desk with something of everything, long words among it. */
const furnish = async ({ db, clock, luci }: RunningApp): Promise<{ run: string }> => {
  const tickets = createTickets(db, clock)
  const by = { actor: 'person' }
  await tickets.file(
    {
      title: `Look at ${LONG}`,
      labels: ['disk', 'backup'],
      priority: 'critical',
      body: `**x** \`${LONG}\`\n\n| a | b |\n|---|---|\n| ${LONG} | y |`,
    },
    by,
  )
  await tickets.file({ title: 'Two', status: 'doing' }, by)
  await tickets.comment(1, 'See MC-2', by)
  await tickets.link(1, 2, by)
  await createTasks(db, clock).sync([
    aTask({ id: 'disk', title: 'Disk space', tags: ['machine'], description: 'Looks' }),
    aTask({ id: 'mail', title: 'Mail' }),
  ])
  await createTasks(db, clock).pause('mail', { reason: 'Moving', by: 'person' })
  const runs = createRuns(db, clock)
  const run = await runs.begin({ taskId: 'disk', trigger: 'manual', workerId: 'x' })
  await runs.end(run?.id ?? '', {
    status: 'failed',
    cause: LONG,
    exitCode: 1,
    output: `${LONG}\n${'x\n'.repeat(60)}`,
  })
  const inbox = createInbox(db, clock)
  for (const [message, kind] of [
    [LONG, 'failed'],
    ['went well', 'ok'],
  ] as const)
    await inbox.post({
      source: 'scheduler',
      sourceId: 'disk',
      message,
      kind,
      detail: { excerpt: LONG },
    })
  for (const item of await inbox.claim({ countMax: 2, by: 'x' }))
    await inbox.settle(item, {
      action: item.kind === 'ok' ? 'silent' : 'alert',
      decidedBy: 'luci',
      reason: 'Because',
    })
  await inbox.post({ source: 'backup.sh', message: 'Waits' })
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  await alerts.raise({
    fingerprint: 'a',
    severity: 'critical',
    kind: 'auth',
    title: LONG,
    text: LONG,
    itemId: 1,
  })
  await alerts.raise({ fingerprint: 'b', kind: 'note', title: 'Two', text: '' })
  await alerts.acknowledge(2, 'person')
  await createWorkers(db, clock).hello('api')
  const asked = await luci.send({ text: `Hello ${LONG}`, origin: 'user' })
  await luci.say(
    asked.id,
    `# Title\n\n- **${LONG}**\n- [x](https://example.com)\n\n\`\`\`\n${LONG} ${LONG}\n\`\`\``,
  )
  await luci.finish(asked.id)
  const going = await luci.send({ text: 'And now?', origin: 'user' })
  await luci.say(going.id, 'Well…')
  await luci.send({ text: 'Waiting', origin: 'user' })
  luci.setStatus({
    state: 'working',
    turnId: going.id,
    problem: 'Something is odd.',
    hint: 'Look.',
  })
  return { run: run?.id ?? '' }
}

const pages = (run: string) => [
  '/',
  '/board',
  '/tickets/MC-1',
  '/inbox',
  '/inbox?tab=pending',
  '/inbox?tab=handled',
  '/inbox?tab=silenced',
  '/schedules',
  `/runs/${run}`,
  '/alerts',
  '/settings',
  '/nothing-here',
]

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

t.test('no page scrolls sideways, on a desk or a phone', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  for (const width of [1280, 390, 360]) {
    const page = await (await signIn(t, browser, running, { width })).newPage()
    for (const url of pages(run)) {
      await page.goto(url)
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      t.ok(Number(over) <= 0, `${url} at ${width}: ${over} px too wide`)
    }
  }
})

t.test('the pages run without an error of their own', async (t) => {
  const running = await startApp(t)
  const { run } = await furnish(running)
  const page = await (await signIn(t, browser, running)).newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text())
  })
  for (const url of pages(run)) {
    await page.goto(url)
    await page.locator('main').waitFor()
  }
  t.same(errors, [])
})

t.test('the keyboard reaches the content first, past the navigation', async (t) => {
  const running = await startApp(t)
  const page = await (await signIn(t, browser, running)).newPage()
  await page.goto('/board')
  await page.keyboard.press('Tab')
  await page.getByText('Skip to content').waitFor()
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main')
})
