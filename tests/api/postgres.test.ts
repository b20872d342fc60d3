import { createInbox } from '@mc/core/inbox/inbox.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { postgresDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { asCli, openPage, signInBy } from './desk.ts'

t.test('the pages and the resources stand on Postgres too', async (t) => {
  const { url } = await postgresDatabase(t)
  const running = await startApp(t, { env: { DATABASE_URL: url }, listen: false })
  await createInbox(running.db, running.clock).post({ source: 'test', message: 'Hello' })
  for (const mode of ['chat', 'quick_ticket', 'implement_now']) {
    const answer = await asCli(running, 'POST', '/api/v1/session_start', { mode, text: 'Hello' })
    t.equal(answer.statusCode, 201, mode)
  }
  const session = await signInBy(running)
  const pages = [
    '/',
    '/board',
    '/tickets/MC-1',
    '/inbox',
    '/inbox?tab=pending',
    '/inbox?tab=handled',
  ]
  for (const page of [...pages, '/schedules', '/alerts', '/settings'])
    t.equal((await openPage(running, session, page)).statusCode, 200, page)
  const names = ['status', 'tickets', 'turns', 'inbox', 'tasks', 'runs', 'alerts', 'digests']
  for (const name of names)
    t.equal((await asCli(running, 'GET', `/api/v1/${name}`)).statusCode, 200, name)
  const send = () =>
    asCli(running, 'POST', '/api/v1/tickets', { title: 'Once' }, { 'idempotency-key': 'k' })
  t.same((await send()).json(), (await send()).json(), 'and do what is asked once')
})

t.test('a change is heard through Postgres', async (t) => {
  const { url } = await postgresDatabase(t)
  const running = await startApp(t, { env: { DATABASE_URL: url } })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const response = await fetch(`${running.url}/api/v1/events?after=x-1`, {
    headers: { authorization: `Bearer ${running.cliToken}` },
    signal: stop.signal,
  })
  let heard = ''
  const reading = (async () => {
    try {
      for await (const chunk of response.body ?? []) heard += Buffer.from(chunk).toString()
    } catch (error) {
      if (!stop.signal.aborted) throw error
    }
  })()
  await until('the snapshot', () => heard.includes('event: snapshot'))
  await until('the news of the inbox', async () => {
    await createInbox(running.db, running.clock).post({ source: 'test', message: 'x' })
    return heard.includes('"inbox"')
  })
  stop.abort()
  await reading
  t.pass('it was heard')
})
