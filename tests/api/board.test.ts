import { createIndexer } from '@mc/core/search/indexer.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { asCli, HOST, type Session, signInBy, submit } from './desk.ts'

const by = { actor: 'person' }

const start = async (t: Test) => {
  const running = await startApp(t, { listen: false })
  const tickets = createTickets(running.db, running.clock)
  for (const title of ['One', 'Two', 'Three']) await tickets.file({ title, labels: ['a'] }, by)
  return { running, tickets, session: await signInBy(running) }
}

const look = async ({ app }: RunningApp, { cookie }: Session, url: string) => {
  const page = await app.inject({ url, headers: { host: HOST, cookie, accept: 'text/html' } })
  return { status: page.statusCode, text: page.body }
}

t.test('what was chosen on the board is changed together', async (t) => {
  const { running, tickets, session } = await start(t)
  const send = (fields: Record<string, string>) =>
    submit(running, session, '/board/changes', { t1: '1', t2: '1', _back: '/board', ...fields })
  t.equal((await send({ do: 'priority', priority: 'critical' })).statusCode, 303)
  t.same(
    (await tickets.list()).map(({ priority }) => priority),
    ['normal', 'critical', 'critical'],
  )
  for (const [fields, change] of [
    [{ do: 'label', label: 'b' }, { labels: ['a', 'b'] }],
    [{ do: 'label', label: ' c,d , b' }, { labels: ['a', 'b', 'c', 'd'] }],
    [{ do: 'unlabel', label: 'a, c,d' }, { labels: ['b'] }],
    [{ do: 'move', status: 'review' }, { status: 'review' }],
    [{ do: 'wont_fix' }, { status: 'cancelled', resolution: 'wont_fix' }],
    [{ do: 'close' }, { status: 'done', resolution: 'fixed' }],
  ] as const) {
    const { version } = await tickets.get(1)
    await send({ ...fields, t1: String(version), t2: '1' })
    t.match(await tickets.get(1), change)
  }
  t.match(await tickets.get(2), { version: 2, labels: ['a'] }, 'an old version changes nothing')
})

t.test('a chosen ticket that does not exist is told as left', async (t) => {
  const { running, session } = await start(t)
  const { headers } = await submit(running, session, '/board/changes', { t99: '1', do: 'close' })
  const cookie = `${session.cookie}; ${String(headers['set-cookie']).split(';')[0]}`
  const { text } = await look(running, { ...session, cookie }, '/board')
  t.match(text, /class="notice warn".*MC-99 does not exist/)
})

t.test('a form of the board that says nothing sensible is refused with words', async (t) => {
  const { running, session } = await start(t)
  for (const [fields, words] of [
    [{}, /Expected some tickets to be chosen/],
    [{ t1: 'x', do: 'close' }, /Expected a number/],
    [{ t1: '1' }, /Expected what to do/],
    [{ t1: '1', do: 'move', status: 'nowhere' }, /Expected a column, got .*nowhere/],
    [{ t1: '1', do: 'label' }, /Expected a label/],
    [{ move: '1.1.nowhere' }, /Expected a column/],
    [{ move: 'x' }, /Expected a (number|column)/],
  ] as const) {
    const answer = await submit(running, session, '/board/changes', fields)
    t.equal(answer.statusCode, 400)
    t.match(answer.body, words)
  }
})

t.test('an empty field of the edit form empties it, and the version is demanded', async (t) => {
  const { running, tickets, session } = await start(t)
  const send = (fields: Record<string, string>) =>
    submit(running, session, '/tickets/MC-1/edit', {
      title: 'One',
      body: 'Text',
      priority: 'low',
      labels: 'a, b',
      due: '2030-01-02',
      ...fields,
    })
  t.equal((await send({ version: '1' })).statusCode, 303)
  t.match(await tickets.get(1), { body: 'Text', labels: ['a', 'b'], due: '2030-01-02' })
  t.equal((await send({ version: '2', body: '', labels: '', due: '' })).statusCode, 303)
  t.match(await tickets.get(1), { body: '', labels: [], due: null })
  t.equal((await send({ version: '2' })).statusCode, 409)
  for (const fields of [{ title: '' }, { version: '' }, { due: 'soon' }, { priority: 'huge' }])
    t.equal((await send({ version: '3', ...fields })).statusCode, 400, JSON.stringify(fields))
})

t.test(
  'a ticket’s form that cannot be taken comes back with what was typed, and says why',
  async (t) => {
    const { running, tickets, session } = await start(t)
    const long = 'l'.repeat(51)
    for (const url of ['/tickets/MC-1/edit', '/tickets']) {
      const fields = { version: '1', title: ' ', body: 'My <b>long</b> thoughts', _back: '/board' }
      const { statusCode, body } = await submit(running, session, url, {
        ...fields,
        labels: `a, ${long}`,
      })
      t.equal(statusCode, 400)
      t.match(body, /The title is empty/)
      t.match(body, `The label “${long}” is longer than 50 characters`)
      t.match(body, 'My &lt;b&gt;long&lt;/b&gt; thoughts</textarea>')
      t.match(body, `name="labels" value="a, ${long}"`)
      t.match(body, `action="${url}"`)
    }
    t.match(await tickets.get(1), { title: 'One', version: 1 })
    const { statusCode, headers } = await submit(running, session, '/tickets', {
      title: 'Four',
      labels: 'x, y',
      due: '',
      _back: '/board?label=x',
    })
    t.match({ statusCode, headers }, { statusCode: 303, headers: { location: '/board?label=x' } })
    t.match(await tickets.get(4), { title: 'Four', labels: ['x', 'y'], due: null })
  },
)

t.test(
  'a link that cannot be is said on the ticket’s page; a program gets the problem',
  async (t) => {
    const { running, tickets, session } = await start(t)
    await tickets.link(2, 1, by)
    for (const [path, fields, words] of [
      ['links', { blockedBy: 'MC-2' }, /class="notice bad".*MC-1 cannot wait for MC-2/],
      ['links', { blockedBy: 'MC-999' }, /class="notice bad".*There is no ticket MC-999/],
      ['parent', { parent: 'x' }, /class="notice bad".*There is no ticket &quot;x&quot;/],
    ] as const) {
      const { statusCode, headers } = await submit(
        running,
        session,
        `/api/v1/tickets/MC-1/${path}`,
        { ...fields, _back: '/tickets/MC-1' },
      )
      t.match({ statusCode, headers }, { statusCode: 303, headers: { location: '/tickets/MC-1' } })
      const cookie = `${session.cookie}; ${String(headers['set-cookie']).split(';')[0]}`
      t.match((await look(running, { ...session, cookie }, '/tickets/MC-1')).text, words)
    }
    const refused = await asCli(running, 'POST', '/api/v1/tickets/MC-1/links', {
      blockedBy: 'MC-2',
    })
    t.match(refused.json(), { status: 409, title: 'That cannot be done as things are' })
    const stale = await asCli(running, 'PATCH', '/api/v1/tickets/MC-1', { version: 9, title: 'x' })
    t.match(stale.json(), { status: 409, title: 'Something changed meanwhile' })
  },
)

t.test('the board and the list of the api are narrowed alike', async (t) => {
  const { running, tickets, session } = await start(t)
  await tickets.setParent(2, 1, by)
  t.same(
    (await asCli(running, 'GET', '/api/v1/tickets?parent=MC-1'))
      .json()
      .items.map(({ key }: { key: string }) => key),
    ['MC-2'],
  )
  const { text } = await look(running, session, '/board?parent=MC-1')
  t.match(text, /MC-2/)
  t.notMatch(text, /MC-3/)
  t.match(text, /parts of MC-1/)
  const links = await asCli(running, 'GET', '/api/v1/tickets/MC-1/links')
  t.match(links.json(), { parts: [{ key: 'MC-2' }], blockedBy: [], blocks: [] })
})

t.test('what is found is text on the page, with its words marked', async (t) => {
  const { running, tickets, session } = await start(t)
  await tickets.file({ title: '<script>disk</script>', body: '<img src=x> disk' }, by)
  await createIndexer(running.db).catchUp()
  const { text } = await look(running, session, '/search?q=disk')
  t.match(text, /&lt;script&gt;<mark>disk<\/mark>&lt;\/script&gt;/)
  t.match(text, /&lt;img src=x&gt; <mark>disk<\/mark>/)
  t.equal((await look(running, session, '/search?q=mc-2')).status, 303)
  for (const q of ['"', '%22%22', 'a*', ')(', '%00', '-', 'x'.repeat(500)])
    t.equal((await look(running, session, `/search?q=${q}`)).status, 200, q)
  const found = await asCli(running, 'GET', '/api/v1/search?q=disk&kind=ticket&limit=5')
  t.match(found.json(), { items: [{ kind: 'ticket', ref: 'MC-4', href: '/tickets/MC-4' }] })
  t.equal((await asCli(running, 'POST', '/api/v1/search/rebuild')).statusCode, 202)
  t.same((await asCli(running, 'GET', '/api/v1/search?q=disk')).json().items, [])
})
