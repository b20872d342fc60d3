import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { sheets } from '@mc/api/frame/stylesheet.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { aTask } from '../support/tasks.ts'
import { asAgent, asCli, HOST, openPage, type Session, signInBy, submit } from './desk.ts'

const SHEETS = join(projectRoot, 'apps', 'api', 'styles')

const start = async (test: Test, overrides = {}) => {
  const running = await startApp(test, { listen: false, ...overrides })
  return { running, session: await signInBy(running) }
}

const look = async (running: RunningApp, session: Session, url: string) => {
  const page = await openPage(running, session, url)
  return { status: page.statusCode, text: page.body.replace(/\s+/g, ' ') }
}

t.test('every page stands on an empty desk and teaches what comes there', async (t) => {
  const { running, session } = await start(t)
  const pages: [string, RegExp][] = [
    ['/', /Say something to Luci/],
    ['/board', /Nothing waits to be done/],
    ['/inbox', /Nothing needs you/],
    ['/inbox?tab=pending', /INSERT INTO orchestrator_inbox/],
    ['/inbox?tab=handled', /Nothing was handled yet/],
    ['/inbox?tab=silenced', /Silent, but never lost/],
    ['/schedules', /ops\/tasks\.yaml/],
    ['/alerts', /No open alerts/],
    ['/settings', /house responder/],
  ]
  for (const [url, words] of pages) {
    const page = await look(running, session, url)
    t.equal(page.status, 200, url)
    t.match(page.text, words, url)
  }
})

t.test('text from outside is shown as text on every page', async (t) => {
  const { running, session } = await start(t)
  const { db, clock } = running
  const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>'
  await createTickets(db, clock).file(
    {
      title: evil,
      body: `${evil}\n[x](javascript:alert(1)) ![y](http://evil.example/p.png)`,
      labels: [evil.slice(0, 40)],
    },
    { actor: 'luci' },
  )
  await createTickets(db, clock).comment(1, evil, { actor: 'luci' })
  const inbox = createInbox(db, clock)
  await inbox.post({ source: evil, sourceId: evil, message: evil, detail: { excerpt: evil } })
  await createAlerts(db, clock, { repeatIntervalMs: 1 }).raise({
    fingerprint: 'f',
    kind: 'note',
    title: evil,
    text: evil,
  })
  await createTasks(db, clock).sync([aTask({ id: 'disk', title: evil, description: evil })])
  const runs = createRuns(db, clock)
  const run = await runs.begin({ taskId: 'disk', trigger: 'manual', workerId: 'x' })
  await runs.end(run?.id ?? '', { status: 'failed', cause: evil, output: evil })
  const turn = await running.luci.send({ text: evil, origin: 'user' })
  await running.luci.say(turn.id, evil)
  const urls = [
    '/',
    '/board',
    '/tickets/MC-1',
    '/inbox?tab=pending',
    '/schedules',
    '/alerts',
    `/runs/${run?.id}`,
  ]
  const check = async (url: string) => {
    const { text } = await look(running, session, url)
    t.match(text, /&lt;script&gt;alert\(1\)/, `${url} shows it`)
    t.notMatch(text, /<script>alert|<img|href="javascript:/i, `${url} runs nothing`)
  }
  for (const url of urls) await check(url)
  await running.luci.finish(turn.id)
  await check('/')
})

t.test('"all clear" is said only while the workers beat', async (t) => {
  const clock = createTestClock()
  const { running, session } = await start(t, { clock })
  t.notMatch((await look(running, session, '/')).text, /All clear/, 'before they ever started')
  const workers = createWorkers(running.db, clock)
  for (const name of ['api', 'scheduler', 'pickup'] as const) await workers.hello(name)
  t.match((await look(running, session, '/')).text, /All clear/)
  await clock.advance(60_000)
  const page = await look(running, session, '/')
  t.notMatch(page.text, /All clear/, 'once they are silent')
  t.match(page.text, /No sign of life from/)
})

t.test('what needs the person stands on Home until they react', async (t) => {
  const { running, session } = await start(t)
  const { alert } = await createAlerts(running.db, running.clock, { repeatIntervalMs: 1 }).raise({
    fingerprint: 'f',
    severity: 'critical',
    kind: 'auth',
    title: 'The mail credential was refused',
    text: '',
  })
  t.match((await look(running, session, '/')).text, /The mail credential was refused/)
  await submit(running, session, `/api/v1/alerts/${alert.id}/acknowledge`, { _back: '/alerts' })
  t.notMatch((await look(running, session, '/')).text, /The mail credential was refused/)
})

t.test('a critical alert is never below the fold of Home, and what is has its page', async (t) => {
  const { running, session } = await start(t)
  const { db, clock } = running
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  const raise = (fingerprint: string, severity: 'normal' | 'critical') =>
    alerts.raise({ fingerprint, severity, kind: 'note', title: `Alert ${fingerprint}`, text: '' })
  await raise('disk', 'critical')
  for (const one of ['a', 'b']) await raise(one, 'normal')
  const content = (title: string) => ({
    title,
    steps: [{ do: 'file', name: 'one', title, risk: 'low', does: 'person' }],
  })
  const turn = await running.luci.send({ origin: 'user', text: 'Plan' })
  await running.luci.say(turn.id, 'So:')
  for (let n = 1; n <= 4; n++) {
    const made = await asAgent(running, 'POST', '/api/v1/proposals', content(`Plan ${n}`), turn.id)
    t.equal(made.statusCode, 201, made.body)
  }
  await createTickets(db, clock).file({ title: 'Seen?', status: 'review' }, { actor: 'luci' })
  const needs = (await look(running, session, '/')).text.split('Inbox</h2>')[0] ?? ''
  t.match(needs, /Needs you<\/h2>[\s\S]*Alert disk[\s\S]*Plan 4/)
  t.notMatch(needs, 'Alert a')
  t.match(
    needs,
    /4 more<\/b><small><a href="\/proposals\?state=open">1 proposal<\/a>, <a href="\/alerts">2 alerts<\/a>, <a href="\/board\?status=review">1 in review/,
  )
})

t.test('a settled item tells who decided and why', async (t) => {
  const { running, session } = await start(t)
  const inbox = createInbox(running.db, running.clock)
  await inbox.post({
    source: 'scheduler',
    sourceId: 'disk',
    message: 'disk failed',
    kind: 'failed',
  })
  const [item] = await inbox.claim({ countMax: 1, by: 'test' })
  if (!item) throw new Error('There was nothing to claim')
  await inbox.settle(item, {
    action: 'ticket',
    decidedBy: 'rule:repeated-failure',
    reason: 'Three in a row',
  })
  const { text } = await look(running, session, '/inbox?tab=handled')
  t.match(text, /Became a ticket.*by rule “repeated failure”: Three in a row/)
})

t.test('a ticket is moved, commented and linked by forms alone', async (t) => {
  const { running, session } = await start(t)
  for (const title of ['One', 'Two']) await asCli(running, 'POST', '/api/v1/tickets', { title })
  const send = (verb: string, fields: Record<string, string>) =>
    submit(running, session, `/api/v1/tickets/MC-1/${verb}`, { _back: '/tickets/MC-1', ...fields })
  t.equal((await send('move', { status: 'doing', resolution: '' })).statusCode, 303)
  t.equal((await send('comments', { body: 'See **MC-2**' })).statusCode, 303)
  t.equal((await send('links', { blockedBy: 'mc-2' })).statusCode, 303)
  const { text } = await look(running, session, '/tickets/MC-1')
  t.match(text, /moved it from todo to doing/)
  t.match(text, /<a href="\/tickets\/MC-2" rel="[^"]+">MC-2<\/a>/)
  t.match(text, /aria-label="No longer wait for MC-2"/)
})

t.test('a stale move by form is a page that says what happened', async (t) => {
  const { running, session } = await start(t)
  await asCli(running, 'POST', '/api/v1/tickets', { title: 'One' })
  await asCli(running, 'POST', '/api/v1/tickets/MC-1/move', { status: 'doing' })
  const answer = await submit(running, session, '/api/v1/tickets/MC-1/move', {
    status: 'done',
    version: '1',
  })
  t.equal(answer.statusCode, 409)
  t.match(answer.body, /changed by somebody else/)
})

t.test('a task is run, paused with a reason and resumed by forms', async (t) => {
  const { running, session } = await start(t)
  await createTasks(running.db, running.clock).sync([aTask({ id: 'disk', cron: '*/5 * * * *' })])
  const send = (verb: string, fields = {}) =>
    submit(running, session, `/api/v1/tasks/disk/${verb}`, { _back: '/schedules', ...fields })
  t.equal((await send('run')).statusCode, 303)
  t.equal((await send('pause', { reason: 'Moving house', until: '' })).statusCode, 303)
  const paused = await look(running, session, '/schedules')
  t.match(paused.text, /every 5 minutes/)
  t.match(paused.text, /run requested/)
  t.match(paused.text, /Paused by you.*Moving house/)
  t.equal((await send('resume')).statusCode, 303)
  t.notMatch((await look(running, session, '/schedules')).text, /Moving house/)
})

t.test('who is not signed in is told how, on a page', async (t) => {
  const { running } = await start(t)
  const page = await running.app.inject({ url: '/', headers: { host: HOST, accept: 'text/html' } })
  t.equal(page.statusCode, 401)
  t.match(page.body, /mc sign-in/)
})

t.test('an unavailable Luci says what to do, and the pill says so in words', async (t) => {
  const { running, session } = await start(t)
  running.luci.setStatus({
    state: 'unavailable',
    problem: 'tmux is missing.',
    hint: 'Install tmux.',
  })
  const { text } = await look(running, session, '/board')
  t.match(text, /Luci<\/span> unavailable/)
  t.match(text, /tmux is missing\..*Install tmux\./)
})

t.test('what Luci asks is answered from the page, and only while she asks it', async (t) => {
  const { running, session } = await start(t)
  const turn = await running.luci.send({ text: 'Do it', origin: 'user' })
  const prompt = {
    id: 'p1',
    kind: 'permission' as const,
    text: 'May I run <rm>?',
    choices: [{ id: 'no', label: 'No' }],
  }
  await createTurns(running.db, running.clock).move(turn.id, ['queued'], 'blocked', { prompt })
  const { text } = await look(running, session, '/')
  t.match(text, /Luci asks you something/)
  t.match(text, /May I run &lt;rm&gt;\?.*<button name="choice" value="no">No<\/button>/)
  const answer = (promptId: string) =>
    submit(running, session, '/api/v1/persistent_luci/answer', {
      turn: turn.id,
      prompt: promptId,
      choice: 'no',
    })
  t.equal((await answer('p0')).statusCode, 409, 'an older prompt')
  t.equal((await answer('p1')).statusCode, 303)
  t.equal((await answer('p1')).statusCode, 409, 'answered already')
})

t.test('the thread is paged back to its beginning', async (t) => {
  const { running, session } = await start(t)
  for (let i = 1; i <= 25; i++) await running.luci.send({ text: `Message ${i}.`, origin: 'user' })
  const newest = await look(running, session, '/')
  t.match(newest.text, /Message 25\./)
  t.notMatch(newest.text, /Message 5\./)
  const href = /href="(\/\?before=\d+)"/.exec(newest.text)?.[1] ?? ''
  const earlier = await look(running, session, href)
  t.match(earlier.text, /Message 1\..*Message 5\./)
  t.notMatch(earlier.text, /Message 25\./)
})

t.test('the first load of a page is one stylesheet, no blocking script, and light', async (t) => {
  const { running, session } = await start(t)
  for (const url of ['/', '/board', '/settings']) {
    const page = await openPage(running, session, url)
    t.equal(page.body.match(/rel="stylesheet"/g)?.length, 1)
    for (const [tag] of page.body.matchAll(/<script[^>]*>/g)) t.match(tag, /defer|type="module"/)
    let bytes = 0
    const files = [...page.body.matchAll(/(?:src|href)="(\/public\/[^"]+)"/g)].map(
      ([, file]) => file,
    )
    for (const file of [url, ...files]) {
      const answer = await running.app.inject({
        url: file ?? '',
        headers: {
          host: HOST,
          cookie: session.cookie,
          accept: 'text/html',
          'accept-encoding': 'gzip, br',
        },
      })
      t.equal(answer.statusCode, 200, `${file} is there`)
      bytes += answer.rawPayload.length
    }
    t.ok(bytes <= 80_000, `${url}: ${bytes} bytes in all`)
  }
})

t.test('pages and files travel compressed; files are kept by the browser', async (t) => {
  const running = await startApp(t, { listen: false })
  const session = await signInBy(running)
  const headers = { host: HOST, cookie: session.cookie, accept: 'text/html' }
  const home = await running.app.inject({ url: '/', headers })
  const [, versioned = ''] = /href="(\/public\/v-[^"]+\/style\.css)"/.exec(home.body) ?? []
  for (const url of ['/public/style.css', '/public/htmx/htmx.min.js', versioned, '/settings']) {
    const plain = await running.app.inject({ url, headers })
    for (const [coding, unpack] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const packed = await running.app.inject({
        url,
        headers: { ...headers, 'accept-encoding': coding },
      })
      t.equal(packed.headers['content-encoding'], coding, url)
      t.ok(packed.rawPayload.length < plain.rawPayload.length / 2)
      t.equal(hideTokens(unpack(packed.rawPayload).toString()), hideTokens(plain.body))
    }
    t.equal(plain.headers['content-encoding'], undefined)
    t.match(plain.headers['cache-control'], url === versioned ? /immutable/ : /no-store|max-age=0/)
  }
})

t.test(
  'the stylesheet is every sheet there is, once, and is not sent again unchanged',
  async (t) => {
    t.same(
      [...sheets].sort(),
      readdirSync(SHEETS)
        .map((file) => basename(file, '.css'))
        .sort(),
    )
    const { running } = await start(t)
    const ask = (headers = {}) =>
      running.app.inject({ url: '/public/style.css', headers: { host: HOST, ...headers } })
    const first = await ask()
    t.match(first.headers['content-type'], 'text/css')
    for (const name of sheets)
      t.ok(first.body.includes(readFileSync(join(SHEETS, `${name}.css`), 'utf8')), name)
    const again = await ask({ 'if-none-match': first.headers.etag, 'accept-encoding': 'br' })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
  },
)

t.test('a file says of itself what a browser heeds there, and an error all of it', async (t) => {
  const { running } = await start(t)
  const headersOf = async (url: string) => {
    const { headers } = await running.app.inject({ url, headers: { host: HOST } })
    return [
      'x-content-type-options',
      'cross-origin-resource-policy',
      'content-security-policy',
      'x-frame-options',
    ].filter((name) => headers[name] !== undefined).length
  }
  t.equal(await headersOf('/public/style.css'), 2)
  t.equal(await headersOf('/public/htmx/htmx.min.js'), 2)
  t.equal(await headersOf('/public/nothing.css'), 4)
})

t.test('a session’s token looks different each time, and each of them is good', async (t) => {
  const { running, session } = await start(t)
  const tokens = [1, 2].map(async () => {
    const { body } = await openPage(running, session, '/settings')
    return /name="csrf-token" content="([^"]+)"/.exec(body)?.[1] ?? ''
  })
  const [one = '', two = ''] = await Promise.all(tokens)
  t.not(one, two)
  for (const [token, status] of [
    [one, 303],
    [two, 303],
    [`${one.slice(0, -4)}AAAA`, 403],
    [one.slice(0, 43), 403],
    ['', 403],
  ] as const) {
    const answer = await submit(running, session, '/theme', { theme: 'dark', _csrf: token })
    t.equal(answer.statusCode, status, token)
  }
})

t.test('a theme is this browser’s own, and stands on every page', async (t) => {
  const { running, session } = await start(t)
  t.match((await openPage(running, session, '/board')).body, /data-theme="system"/)
  const set = await submit(running, session, '/theme', { theme: 'dark', _back: '/settings' })
  const cookie = `${session.cookie}; ${String(set.headers['set-cookie']).split(';')[0]}`
  t.match((await openPage(running, { ...session, cookie }, '/board')).body, /data-theme="dark"/)
})

/** Masked anew on each page. */
const hideTokens = (html: string) =>
  html
    .replaceAll(/(_csrf" value|csrf-token" content)="[^"]+"/g, '$1')
    .replaceAll(/events-after="[^"]+"/g, '')
