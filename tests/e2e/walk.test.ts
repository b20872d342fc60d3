import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@mc/core/client/client.ts'
import type { Status } from '@mc/core/client/status.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import BetterSqlite3 from 'better-sqlite3'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startBotApi } from '../support/bot-api.ts'
import { openPlainBrowser } from '../support/browser-without-script.ts'
import { startMissionControl } from '../support/mission-control.ts'
import { until } from '../support/until.ts'

/** Run by hand only: no cron comes by on the first of January. */
const tasks = `tasks:
  - { id: backup, cron: "0 0 1 1 *", command: [node, -e, "console.error('disk 3 is full'); process.exit(1)"] }
  - { id: sync, cron: "0 0 1 1 *", command: [node, -e, "process.exit(77)"], auth_codes: [77] }
  - { id: tidy, cron: "0 0 1 1 *", command: [node, -e, "console.log('all tidy')"] }
`

type Page<T> = { items: T[] }

const begin = async (t: Test) => {
  const bot = await startBotApi(t)
  const folder = t.testdir({ 'tasks.yaml': tasks })
  const desk = await startMissionControl(t, {
    MC_TASKS_FILE: join(folder, 'tasks.yaml'),
    MC_TELEGRAM_TOKEN: bot.token,
    MC_TELEGRAM_CHAT_ID: '42',
    MC_TELEGRAM_ALLOWED_USERS: '42',
    MC_TELEGRAM_API_ROOT: bot.url,
    MC_GROUP_WAIT: '100ms',
    MC_GROUP_INTERVAL: '200ms',
  })
  const client = await desk.client()
  const status = () => client.get<Status>('/api/v1/status')
  await until('the tasks are loaded', async () => (await status()).tasks.total === 3, 60_000)
  return { bot, desk, client }
}

/** Runs a task now and waits for the inbox item of its outcome to be settled. */
const runTask = async (client: Client, id: string): Promise<Item> => {
  const latest = async () =>
    (await client.get<Page<Run>>('/api/v1/runs', { task: id })).items[0] ?? null
  const before = await latest()
  await client.post(`/api/v1/tasks/${id}/run`)
  const run = await until(`${id} has run`, async () => {
    const run = await latest()
    return run && run.id !== before?.id && run.endedAt ? run : null
  })
  return until(`the outcome of ${id} is settled`, async () => {
    const { items } = await client.get<Page<Item>>('/api/v1/inbox')
    return items.find((item) => item.runId === run.id && item.processedAt) ?? null
  })
}

t.test('the main job, through the front door', { timeout: 180_000 }, async (t) => {
  const { bot, desk, client } = await begin(t)
  const [link = ''] = await desk.printed(/http:\S+\/sign-in\?token=\S+/)
  const browser = openPlainBrowser(desk.url)
  const messages = () => bot.messages.map((message) => message.text).join('\n---\n')

  t.match(await browser.page(link), /session_start/, 'the link leads to the composer')

  await browser.compose({ mode: 'chat', text: 'hello' })
  const turn = await until('the chat is answered', async () => {
    const { items } = await client.get<Page<Turn>>('/api/v1/turns')
    return items.find((turn) => turn.state === 'answered') ?? null
  })
  t.equal(turn.text, 'hello')
  t.ok((await browser.page('/')).includes(turn.id), 'the reply stands on the page')

  await browser.compose({ mode: 'quick_ticket', text: 'Buy a hinge\nBrass.' })
  t.match(await client.get('/api/v1/tickets/MC-1'), { title: 'Buy a hinge', body: 'Brass.' })

  for (let n = 1; n <= 3; n++) t.match(await runTask(client, 'backup'), { kind: 'failed' })
  const filed = async () =>
    (await client.get<Page<Ticket>>('/api/v1/tickets')).items.filter((one) => one.id > 1)
  await until('the third failure has a ticket', async () => (await filed()).length > 0)
  t.equal((await filed()).length, 1, 'one ticket, not two')
  await until('a person was told', () => messages().includes('backup'))

  const { workers } = await client.get<Status>('/api/v1/status')
  const pickup = workers.find((worker) => worker.name === 'pickup')?.worker?.pid ?? 0
  process.kill(pickup, 'SIGSTOP')
  t.teardown(() => resume(pickup))
  await client.post('/api/v1/tasks/sync/run')
  await until('the auth failure is told with pickup stopped', () => messages().includes('sync'))
  resume(pickup)

  const turnsBefore = (await client.get<Page<Turn>>('/api/v1/turns')).items.length
  const toldBefore = bot.messages.length
  t.match(await runTask(client, 'tidy'), { kind: 'ok', status: 'ignored', verdict: 'silent' })
  t.equal((await client.get<Page<Turn>>('/api/v1/turns')).items.length, turnsBefore, 'no turn')
  t.notMatch(messages(), 'tidy')
  t.equal(bot.messages.length, toldBefore, 'no message')

  const sqlite = new BetterSqlite3(join(desk.dataDir, 'mission-control.db'))
  sqlite.exec(
    "insert into orchestrator_inbox(source_type, source_id, message) values ('cron', 'nas', 'odd noise')",
  )
  sqlite.close()
  const drained = await until('the plain INSERT is drained', async () => {
    const { items } = await client.get<Page<Item>>('/api/v1/inbox', { source: 'cron' })
    return items.find((item) => item.processedAt) ?? null
  })
  t.match(drained, { message: 'odd noise', sourceId: 'nas', status: 'processed' })
  t.equal(drained.decidedBy, 'fallback', 'the house responder reads it off the fallback table')
  t.match(drained.reason, /Nobody knows it/)

  bot.write('List the open tickets')
  await until('Luci answers at Telegram', () => messages().includes('open tickets:'))
  const secret = bot.token.split(':')[1] ?? ''
  const panes = ['-L', desk.env.MC_TMUX_SOCKET ?? '', 'list-panes', '-aF', '#{pane_pid}']
  const pane = (await execa('tmux', panes)).stdout.trim()
  const herEnvironment = readFileSync(`/proc/${pane}/environ`, 'utf8')
  t.match(herEnvironment, 'MC_CREDENTIAL', 'it can be read')
  t.notMatch(herEnvironment, secret)
  t.notMatch(herEnvironment, 'TELEGRAM')
  t.notMatch(desk.output(), secret)

  t.equal(await desk.end('SIGINT'), 0)
})

const resume = (pid: number): void => {
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
