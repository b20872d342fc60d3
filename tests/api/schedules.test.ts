import { isoTime } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { aTask } from '../support/tasks.ts'
import { asAgent, asCli, HOST, signInBy, submit } from './desk.ts'

const desk = async (test: Test) => {
  const running = await startApp(test, { listen: false })
  const tasks = createTasks(running.db, running.clock)
  await tasks.sync([
    aTask({ id: 'backup', title: 'Nightly backup', tags: ['night'], timezone: 'Europe/Berlin' }),
    aTask({ id: 'serve', title: 'Serve', kind: 'background', cron: '', restart: 'always' }),
    aTask({ id: 'web', title: 'Web', enabled: false }),
  ])
  return { running, tasks, runs: createRuns(running.db, running.clock) }
}

const pageOf = async (running: RunningApp, url: string, cookie?: string): Promise<string> => {
  const session = cookie ?? (await signInBy(running)).cookie
  const { body } = await running.app.inject({
    url,
    headers: { host: HOST, cookie: session, accept: 'text/html' },
  })
  return body
}

t.test('tasks are listed in pages, by state, tag and name', async (t) => {
  const { running } = await desk(t)
  const first = (await asCli(running, 'GET', '/api/v1/tasks?limit=2')).json()
  t.match(first, { items: [{ id: 'backup' }, { id: 'serve' }], next: 'serve' })
  const rest = (await asCli(running, 'GET', `/api/v1/tasks?limit=2&cursor=${first.next}`)).json()
  t.match(rest, { items: [{ id: 'web' }], next: null })
  for (const [query, id] of [
    ['state=disabled', 'web'],
    ['tag=night', 'backup'],
    ['q=SERV', 'serve'],
  ])
    t.match((await asCli(running, 'GET', `/api/v1/tasks?${query}`)).json(), { items: [{ id }] })
  t.equal((await asCli(running, 'GET', '/api/v1/tasks?state=odd')).statusCode, 400)
})

t.test('all tasks are paused with a reason and an end, which is seen everywhere', async (t) => {
  const { running } = await desk(t)
  t.equal((await asCli(running, 'POST', '/api/v1/tasks/pause', {})).statusCode, 400, 'no reason')
  t.equal((await asAgent(running, 'POST', '/api/v1/tasks/pause', { reason: 'x' })).statusCode, 403)
  const past = { reason: 'x', until: '2020-01-01T00:00:00Z' }
  t.match((await asCli(running, 'POST', '/api/v1/tasks/pause', past)).json(), {
    detail: /an end that is to come/,
  })
  const paused = await asCli(running, 'POST', '/api/v1/tasks/pause', {
    reason: 'moving house',
    until: '2h',
  })
  t.match(paused.json(), { reason: 'moving house', by: 'person' })
  const { until } = paused.json()
  t.ok(Math.abs(Date.parse(until) - Date.now() - 7_200_000) < 60_000, until)
  t.match((await asCli(running, 'GET', '/api/v1/status')).json(), {
    tasks: { allPaused: { reason: 'moving house' } },
  })
  const { cookie } = await signInBy(running)
  for (const url of ['/', '/board', '/schedules', '/schedules/backup'])
    t.match(await pageOf(running, url, cookie), /All tasks are paused\.[\s\S]*moving house/, url)
  t.match(await pageOf(running, '/schedules/backup', cookie), /None: all tasks are paused/)
  t.match((await asCli(running, 'POST', '/api/v1/tasks/resume')).json(), { resumed: true })
  t.match((await asCli(running, 'POST', '/api/v1/tasks/resume')).json(), { resumed: false })
  t.notMatch(await pageOf(running, '/', cookie), /All tasks are paused/)
})

t.test('a person without script pauses all, and resumes them', async (t) => {
  const { running } = await desk(t)
  const session = await signInBy(running)
  const form = { reason: 'holidays', _back: '/schedules' }
  const answer = await submit(running, session, '/api/v1/tasks/pause', form)
  t.match(
    { status: answer.statusCode, to: answer.headers.location },
    { status: 303, to: '/schedules' },
  )
  t.match(await pageOf(running, '/schedules', session.cookie), /holidays[\s\S]*Resume all/)
  await submit(running, session, '/api/v1/tasks/resume', { _back: '/schedules' })
  t.match(await pageOf(running, '/schedules', session.cookie), /Pause all/)
})

t.test('mistakes of the tasks file stand on every page', async (t) => {
  const { running } = await desk(t)
  const problems = ['ops/tasks.yaml:4:5: did you mean "command"?', 'ops/tasks.yaml:9:1: no']
  const state = { hash: 'x', problems, since: new Date().toISOString(), count: 3 }
  await createSettings(running.db, running.clock).set('tasks_file', state, 'scheduler')
  const { cookie } = await signInBy(running)
  for (const url of ['/board', '/inbox', '/schedules/backup'])
    t.match(
      await pageOf(running, url, cookie),
      /The tasks file has 2 mistakes; the last good set runs on[\s\S]*tasks\.yaml:4:5/,
      url,
    )
  const schedules = await pageOf(running, '/schedules', cookie)
  for (const problem of problems)
    t.ok(schedules.includes(problem.replaceAll('"', '&quot;')), 'each mistake, once')
  t.notMatch(schedules, /has 2 mistakes/)
})

t.test('a task has a page: when it comes, how it has been, and its history', async (t) => {
  const { running, runs, tasks } = await desk(t)
  for (const status of ['ok', 'failed', 'ok', 'ok'] as const) {
    const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
    await runs.end(run?.id ?? '', { status, durationMs: 1_500 })
  }
  const { cookie } = await signInBy(running)
  const page = await pageOf(running, '/schedules/backup', cookie)
  t.match(page, /In Europe\/Berlin<\/th><th scope="col">UTC/)
  t.equal(page.match(/<td title="\+0[12]:00">/g)?.length, 5, 'five fires')
  t.match(page, /aria-label="Last 4 runs: 3 went well, 1 failed; usually 1\.5 s, at most 1\.5 s"/)
  t.notMatch(page, /style="/, 'no inline style')
  t.match(page, /2 in a row went well/)
  t.match(page, /Went well<\/span> 3/)
  const failed = await pageOf(running, '/schedules/backup?status=failed', cookie)
  t.equal(failed.match(/class="state bad" href="\/runs\//g)?.length, 1)
  t.match(await pageOf(running, '/schedules/backup?to=2020-01-01', cookie), /None like that/)
  t.match(await pageOf(running, '/schedules/serve', cookie), /no calendar: it is kept running/)
  t.match(await pageOf(running, '/schedules/web', cookie), /Disabled in the tasks file/)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  await runs.end(run?.id ?? '', { status: 'timeout' })
  const once = await pageOf(running, '/schedules/backup', cookie)
  t.match(once, /The last went wrong/)
  t.notMatch(once, /in a row/)
  await tasks.sync([])
  t.match(await pageOf(running, '/schedules/backup', cookie), /It left the tasks file/)
  t.match(await pageOf(running, '/schedules/nobody', cookie), /There is no task/)
})

t.test('runs are narrowed by task, end and time, and lead on in pages', async (t) => {
  const { running, runs } = await desk(t)
  for (let n = 0; n < 60; n++) {
    const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
    await runs.end(run?.id ?? '', { status: n % 2 ? 'ok' : 'failed' })
  }
  const from = new Date(Date.now() + 60_000).toISOString()
  t.match((await asCli(running, 'GET', `/api/v1/runs?from=${from}`)).json(), { items: [] })
  const page = (await asCli(running, 'GET', '/api/v1/runs?status=ok&to=2099-01-01&limit=20')).json()
  t.equal(page.items.length, 20)
  const { cookie } = await signInBy(running)
  const first = await pageOf(running, '/runs?task=backup&status=', cookie)
  const older = /href="(\/runs\?[^"]*cursor=\d+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
  t.match(older, /task=backup/)
  const rest = await pageOf(running, older, cookie)
  t.equal(rest.match(/href="\/runs\/[0-9a-f]+"/g)?.length, 10)
  t.match(rest, />Newest</)
  t.equal((await asCli(running, 'GET', '/api/v1/runs?from=yesterday')).statusCode, 400)
})

t.test('what a run said is given in parts and whole, as data', async (t) => {
  const { running, runs } = await desk(t)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const url = `/api/v1/runs/${id}/log`
  t.match((await asCli(running, 'GET', url)).json(), { text: '', size: 0, ended: false })
  t.equal((await asCli(running, 'GET', `${url}/file`)).statusCode, 404)
  const log = createRunLogs(running.config.dataDir).open(id)
  log.write('<b>one</b>\ntwo\n', 'stdout')
  t.match((await asCli(running, 'GET', `${url}?from=11`)).json(), {
    text: 'two\n',
    from: 11,
    to: 15,
    size: 15,
    ended: false,
  })
  t.match((await asCli(running, 'GET', `${url}?from=-4`)).json(), { text: 'two\n' })
  const file = await asCli(running, 'GET', `${url}/file`)
  t.equal(file.body, '<b>one</b>\ntwo\n')
  t.match(file.headers, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="backup-${id}.log"`,
    'content-length': '15',
    'x-content-type-options': 'nosniff',
  })
  const { cookie } = await signInBy(running)
  const page = await pageOf(running, `/runs/${id}`, cookie)
  t.match(page, /&lt;b&gt;one&lt;\/b&gt;\ntwo/)
  t.match(page, `data-log="/api/v1/runs/${id}/log/events" data-log-from="15"`)
  t.match(page, '>Download</a>', 'no size of what still grows')
  log.end()
  await runs.end(id, { status: 'ok', output: 'the row' })
  const over = await pageOf(running, `/runs/${id}`, cookie)
  t.notMatch(over, /data-log=/)
  t.match(over, '>Download (15 B)</a>')
})

t.test('a run without a log file gives what its row kept', async (t) => {
  const { running, runs } = await desk(t)
  const run = await runs.begin({ taskId: 'web', trigger: 'manual', workerId: 'w' })
  await runs.end(run?.id ?? '', { status: 'failed', output: 'GET https://example.com\n503' })
  const url = `/api/v1/runs/${run?.id}/log`
  t.match((await asCli(running, 'GET', url)).json(), { text: /503$/, ended: true })
  t.equal((await asCli(running, 'GET', `${url}/file`)).body, 'GET https://example.com\n503')
})

t.test('the page of a run leads to what became of it', async (t) => {
  const { running, runs } = await desk(t)
  const { db, clock } = running
  const { cookie } = await signInBy(running)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  await runs.note(id, { attempts: 1, command: JSON.stringify(['df', '-h', 'a b']), cwd: '/' })
  const inbox = createInbox(db, clock)
  const { id: item } = await inbox.post({ source: 'scheduler', message: 'x', runId: id })
  t.notMatch(await pageOf(running, `/runs/${id}`, cookie), 'What became of it')
  await runs.end(id, { status: 'failed' })
  t.match(await pageOf(running, `/runs/${id}`, cookie), /data-live="runs inbox"/)
  for (const one of await inbox.claim({ countMax: 1, by: 'x' }))
    await inbox.settle(one, { action: 'alert', decidedBy: 'luci', reason: 'x' })
  const told = { item_id: item, effect: 'alert', ref: '7', at: isoTime(clock.now()) }
  await db.kysely.insertInto('effects').values(told).execute()
  const page = await pageOf(running, `/runs/${id}`, cookie)
  t.match(page, /<a href="\/inbox\/1">You were alerted<\/a> · <a href="\/alerts\/7">Alert #7/)
  t.match(page, '<h1>Nightly backup</h1>')
  t.match(page, '<code>df -h &quot;a b&quot;</code>')
})

t.test('fires that were passed over have both ends on this machine’s clock', async (t) => {
  const { running, runs } = await desk(t)
  const { cookie } = await signInBy(running)
  const slot = new Date('2026-03-02T10:15:00.000Z')
  const run = await runs.begin({ taskId: 'backup', trigger: 'schedule', slot })
  const id = run?.id ?? ''
  t.match(await pageOf(running, `/runs/${id}`, cookie), /<dt>Queued<\/dt>/)
  await runs.end(id, { status: 'skipped', cause: 'x' })
  await running.db.kysely
    .updateTable('runs')
    .set({ slots: 4, first_slot: '2026-03-02T10:00:00.000Z' })
    .where('id', '=', id)
    .execute()
  const page = await pageOf(running, `/runs/${id}`, cookie)
  const fires = /<dt>Fires<\/dt><dd>4, from ([\s\S]*?)<\/dd>/.exec(page)?.[1]
  t.match(
    fires,
    /data-local="2026-03-02T10:00:00.000Z"[\s\S]* to [\s\S]*data-local="2026-03-02T10:15:00.000Z"/,
  )
  t.notMatch(page, /<dt>Queued<\/dt>/, 'it never waited')
})

t.test('the schema of the tasks file is there for editors, who do not sign in', async (t) => {
  const { running } = await desk(t)
  const { statusCode, headers, body } = await running.app.inject({
    url: '/api/tasks.schema.json',
    headers: { host: HOST },
  })
  t.equal(statusCode, 200)
  t.match(headers['content-type'], 'application/schema+json')
  t.match(JSON.parse(body), { title: /tasks file/, definitions: { task: {} } })
})

t.test('a run that said more than its log holds says so, and shows its last lines', async (t) => {
  const { running, runs } = await desk(t)
  const run = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const log = createRunLogs(running.config.dataDir).open(id)
  log.write(`${'x'.repeat(1_023)}\n`.repeat(11 * 1024), 'stdout')
  log.end()
  const { cookie } = await signInBy(running)
  const going = await pageOf(running, `/runs/${id}`, cookie)
  t.match(going, /The log holds the first 10 MiB of the output/)
  t.notMatch(going, /Its last lines/)
  const output = 'first\n[… 11000000 bytes dropped …]\nlast <b>words</b>'
  await runs.end(id, { status: 'ok', output, outputDroppedBytes: 11_000_000 })
  const page = await pageOf(running, `/runs/${id}`, cookie)
  t.match(page, /breaks off; the last lines stand below/)
  t.match(page, /Its last lines<\/h3>\s*<pre[^>]*>last &lt;b&gt;words/)
  const part = (await asCli(running, 'GET', `/api/v1/runs/${id}/log?from=-100`)).json()
  t.match(part, { ended: true, lastLines: 'last <b>words</b>' })
})

t.test('a person stops a run from its page and from the list, without script', async (t) => {
  const { running, runs } = await desk(t)
  const session = await signInBy(running)
  const worker = await createWorkers(running.db, running.clock).hello('scheduler')
  const begun = await runs.begin({ taskId: 'backup', trigger: 'manual', workerId: worker.id })
  const waits = await runs.begin({ taskId: 'web', trigger: 'manual' })
  const kept = await runs.begin({ taskId: 'serve', trigger: 'schedule', workerId: worker.id })
  const [id = '', queued = ''] = [begun?.id, waits?.id]
  const form = (run: string) => new RegExp(`action="/api/v1/runs/${run}/cancel"`)

  for (const url of ['/schedules', '/schedules/backup', '/runs', `/runs/${id}`])
    t.match(await pageOf(running, url, session.cookie), form(id), url)
  t.match(await pageOf(running, `/runs/${queued}`, session.cookie), /Cancel this run/)
  t.match(await pageOf(running, `/runs/${kept?.id}`, session.cookie), /started again at once/)
  const path = `/api/v1/runs/${id}/cancel`
  t.equal((await asAgent(running, 'POST', path)).statusCode, 403, 'it is a person’s verb')
  t.match(await runs.get(id), { cancelAskedAt: null })

  const answer = await submit(running, session, path, { _back: `/runs/${id}` })
  t.match([answer.statusCode, answer.headers.location], [303, `/runs/${id}`])
  t.match(await runs.get(id), { status: 'running', cancelAskedBy: 'person' })
  const page = await pageOf(running, `/runs/${id}`, session.cookie)
  t.match(page, /Being stopped[\s\S]*You stopped it[\s\S]*killed when it has not within 10 seconds/)
  t.notMatch(page, form(id), 'once is enough')
  const list = await pageOf(running, '/schedules', session.cookie)
  const [card] = /<li [^>]*id="task-backup"[\s\S]*?<\/li>/.exec(list) ?? []
  t.match(card, 'Being stopped', 'its task says the same')

  await worker.goodbye()
  t.match(await pageOf(running, `/runs/${queued}`, session.cookie), /No scheduler is running/)
  const noted = await asCli(running, 'POST', `/api/v1/runs/${queued}/cancel`)
  t.match(noted.json(), { status: 'queued', waitsFor: /this run is cancelled when one is started/ })

  await runs.end(id, { status: 'ok' })
  const late = await asCli(running, 'POST', path)
  t.match(late.json(), { status: 409, detail: /has ended: ok/ })
  t.equal((await asCli(running, 'POST', '/api/v1/runs/none/cancel')).statusCode, 404)
})
