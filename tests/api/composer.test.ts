import { isoTime } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { asAgent, asCli, openPage, signInBy, submit } from './desk.ts'

const start = (test: Test, overrides = {}) => startApp(test, { listen: false, ...overrides })
const URL = '/api/v1/session_start'

t.test('a quick ticket is filed, first line as its title', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', URL, {
    mode: 'quick_ticket',
    text: 'Buy disks\nTwo of 8 TB',
  })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { ticket: { key: 'MC-1', title: 'Buy disks', body: 'Two of 8 TB' } })
})

t.test('chat queues a turn', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', URL, { mode: 'chat', text: 'Hello' })
  t.match(answer.json(), { mode: 'chat', turn: { state: 'queued', text: 'Hello' } })
})

t.test('do it now hands the ticket to the worker', async (t) => {
  const running = await start(t, { env: { MC_WORKER_COMMAND: 'true' } })
  const answer = await asCli(running, 'POST', URL, { mode: 'implement_now', text: 'Do it' })
  t.match(answer.json(), {
    ticket: { key: 'MC-1', status: 'doing' },
    run: { ticketId: 1, status: 'queued' },
  })
})

t.test('do it now without a worker leaves the ticket in todo and says so', async (t) => {
  const running = await start(t)
  const answer = await asCli(running, 'POST', URL, { mode: 'implement_now', text: 'Do it' })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { ticket: { status: 'todo' }, note: /MC_WORKER_COMMAND/ })
  t.notOk(answer.json<{ run?: unknown }>().run)
})

t.test('tickets and work need no Luci, and a chat says that it waits for her', async (t) => {
  const running = await start(t, { env: { MC_WORKER_COMMAND: 'true' } })
  running.luci.setStatus({ state: 'unavailable', problem: 'tmux is missing.', hint: 'Install it.' })
  const ask = (mode: string) => asCli(running, 'POST', URL, { mode, text: 'x' })
  t.match((await ask('quick_ticket')).json(), { ticket: { status: 'todo' } })
  t.match((await ask('implement_now')).json(), { run: { status: 'queued' } })
  t.match((await ask('chat')).json(), {
    note: 'Your message waits for Luci. tmux is missing. Install it.',
  })
})

t.test('with chat switched off only chat is refused', async (t) => {
  const running = await start(t, { env: { MC_CHAT: 'off' } })
  const ask = (mode: string) => asCli(running, 'POST', URL, { mode, text: 'x' })
  t.match((await ask('chat')).json(), { status: 503, code: 'unavailable', hint: /Settings/ })
  t.equal((await ask('quick_ticket')).statusCode, 201)
})

t.test('white space is no message', async (t) => {
  const running = await start(t)
  for (const mode of ['chat', 'quick_ticket', 'implement_now'])
    t.equal((await asCli(running, 'POST', URL, { mode, text: ' \n ' })).statusCode, 400, mode)
})

t.test('a form without script comes back to its page with a notice, shown once', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const sent = await submit(running, session, URL, {
    mode: 'quick_ticket',
    text: 'Buy disks\r\nTwo',
    _back: '/board?label=x',
    priority: '',
  })
  t.equal(sent.statusCode, 303)
  t.equal(sent.headers.location, '/board?label=x')
  const notice = String(sent.headers['set-cookie']).split(';')[0] ?? ''
  const cookie = `${session.cookie}; ${notice}`
  const page = await openPage(running, { ...session, cookie }, '/board')
  t.match(page.body, /Filed MC-1/)
  t.match(String(page.headers['set-cookie']), /mc_notice=;/, 'the notice is cleared')
  t.match((await asCli(running, 'GET', '/api/v1/tickets/MC-1')).json(), { body: 'Two' })
})

t.test('a chat form comes back to its turn', async (t) => {
  const running = await start(t)
  const sent = await submit(running, await signInBy(running), URL, { mode: 'chat', text: 'Hello' })
  t.equal(sent.statusCode, 303)
  t.match(sent.headers.location, /^\/#turn-[0-9a-f]{6}$/)
})

t.test('a form is never sent back to another site', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example', '\\\\x', 'x']) {
    const fields = { mode: 'quick_ticket', text: 'x', _back: back }
    const sent = await submit(running, session, URL, fields)
    t.equal(sent.headers.location, '/', back)
  }
})

t.test('a form that fails gives a page with what to do, and the text back', async (t) => {
  const running = await start(t, { env: { MC_CHAT: 'off' } })
  const fields = { mode: 'chat', text: 'A long <b>thought</b>' }
  const sent = await submit(running, await signInBy(running), URL, fields)
  t.equal(sent.statusCode, 503)
  t.match(sent.headers['content-type'], /text\/html/)
  t.match(sent.body, /Chat with Luci is switched off/)
  t.match(sent.body, /A long &lt;b&gt;thought&lt;\/b&gt;/)
})

t.test('with no worker the notice names the ticket, where it waits and what to set', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const fields = { mode: 'implement_now', text: 'Sort the disks' }
  const sent = await submit(running, session, URL, fields)
  const notice = String(sent.headers['set-cookie']).split(';')[0] ?? ''
  const cookie = `${session.cookie}; ${notice}`
  const { body } = await openPage(running, { ...session, cookie }, '/')
  t.match(body, /MC-1 is filed and waits in todo\. No worker is configured.*MC_WORKER_COMMAND/)
  t.match(body, /class="notice warn"/)
  const ticket = await openPage(running, session, '/tickets/MC-1')
  t.match(ticket.body, /No worker is configured\. Set MC_WORKER_COMMAND/)
  t.notMatch(ticket.body, 'action="/api/v1/tickets/MC-1/delegate"')
})

t.test('a ticket handed to a worker says so, and shows its runs', async (t) => {
  const running = await start(t, { env: { MC_WORKER_COMMAND: 'true' } })
  const session = await signInBy(running)
  const sent = await asCli(running, 'POST', URL, { mode: 'implement_now', text: 'Sort the disks' })
  const { run } = sent.json<{ run: { id: string } }>()
  const runs = createRuns(running.db, running.clock)
  const look = async () => (await openPage(running, session, '/tickets/MC-1')).body
  t.match(await look(), /Waiting to start/)
  t.match(await look(), /It is handed to a worker/)
  await runs.start(run.id, 'pickup')
  t.match(await look(), /Running.*data-since/s)
  await runs.end(run.id, { status: 'ok', exitCode: 0, output: 'All sorted', durationMs: 4_200 })
  t.match(await look(), /Went well.*took 4\.2 s.*All sorted/s)
  t.match(await look(), 'action="/api/v1/tickets/MC-1/delegate"')
})

t.test('only what ended without an answer is asked again', async (t) => {
  const running = await start(t)
  const { turn } = (await asCli(running, 'POST', URL, { mode: 'chat', text: 'Hello' })).json<{
    turn: { id: string }
  }>()
  const again = () => asCli(running, 'POST', `/api/v1/turns/${turn.id}/again`)
  t.match((await again()).json(), { status: 409, detail: `Turn ${turn.id} is queued` })
  const turns = createTurns(running.db, running.clock)
  await turns.move(turn.id, ['queued'], 'lost')
  t.match((await again()).json(), { text: 'Hello', state: 'queued', origin: 'user' })
  t.equal((await turns.get(turn.id)).state, 'lost', 'the first stays what it was')
  await turns.queue({ text: 'Do MC-1 now', origin: 'user', author: 'pickup' })
  const { body } = await openPage(running, await signInBy(running), '/')
  t.match(body, /<b>Mission Control<\/b>.*Do MC-1 now/s, 'pickup’s words are not the person’s')
})

t.test('what Luci answered to a digest is folded once it is settled', async (t) => {
  const running = await start(t)
  const { db, clock } = running
  const turns = createTurns(db, clock)
  const inbox = createInbox(db, clock)
  const session = await signInBy(running)
  const { id, digestId } = await turns.queue({
    text: 'Three items',
    origin: 'digest',
    digestId: 'd-1',
  })
  for (const item_id of [1, 2]) {
    await inbox.post({ source: 'x', message: 'x' })
    const at = isoTime(clock.now())
    const said = { action: 'silent', decided_by: 'luci', reason: 'Routine', at }
    await db.kysely
      .insertInto('verdicts')
      .values({ item_id, digest_id: digestId ?? '', ...said })
      .execute()
  }
  await turns.move(id, ['queued'], 'failed', { reply: 'I could not' })
  const page = async (path = '/') => (await openPage(running, session, path)).body
  t.notMatch(await page(), 'class="decided"', 'what went wrong stands open')
  await turns.move(id, ['failed'], 'answered', { reply: 'Both are silent' })
  const folded = /<details class="decided"[^>]*><summary>Luci decided 2 items<\/summary>/
  t.match(await page(), folded)
  t.match(await page(`/turns/${id}`), / open><summary>Luci decided 2 items/)
})

t.test('a waiting message is sent now, without script; it goes before older ones', async (t) => {
  const running = await start(t)
  const session = await signInBy(running)
  const turns = createTurns(running.db, running.clock)
  const say = (text: string) => turns.queue({ text, origin: 'user', author: 'person' })
  const [older, chosen] = [await say('older'), await say('chosen')]
  const digest = await turns.queue({ text: 'digest', origin: 'digest' })
  const path = (id: string) => `/api/v1/turns/${id}/now`
  const page = async () => (await openPage(running, session, '/')).body
  t.match(await page(), new RegExp(`action="${path(chosen.id)}"[\\s\\S]*Send this next`))
  for (const { id } of [older, digest]) t.notMatch(await page(), path(id), 'nothing is in its way')

  const busy = await say('busy')
  await turns.move(busy.id, ['queued'], 'answering')
  const look = await page()
  for (const { id } of [older, chosen])
    t.match(look, new RegExp(`action="${path(id)}"[\\s\\S]*Stop and send this now`))
  t.notMatch(look, path(digest.id), 'a digest goes by itself')
  t.equal((await asAgent(running, 'POST', path(chosen.id))).statusCode, 403)

  const answer = await submit(running, session, path(chosen.id), { _back: '/' })
  t.equal(answer.statusCode, 303)
  t.match(await turns.get(busy.id), { state: 'interrupted' })
  t.same(await turns.waiting(), [chosen.id, older.id, digest.id])
  await turns.move(chosen.id, ['queued'], 'typed')
  for (const { id } of [chosen, digest])
    t.match((await asCli(running, 'POST', path(id))).json(), { status: 409 })
})
