import { createDigests } from '@mc/core/digest/digests.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { TurnOrigin } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { aTask } from '../support/tasks.ts'
import { attach } from './mcp-client.ts'

const eras = ['legacy', { pin: '2026-07-28' }] as const

for (const era of eras)
  t.test(`every tool is listed and answers (${JSON.stringify(era)})`, async (t) => {
    const running = await startApp(t, { env: { MC_WORKER_COMMAND: 'true' } })
    const turn = await turnInFlight(running, 'user')
    const { id: item } = await post(running, 'disk is full')
    await createTasks(running.db, running.clock).sync([aTask({ id: 'nas.backup' })])
    const { client, call } = await attach(t, running, { era })
    const { tools } = await client.listTools()
    t.match(client.getInstructions(), /name it as "turn"/)
    const args: Record<string, Record<string, unknown>> = {
      turn_show: { turn },
      inbox_list: { status: 'pending' },
      inbox_show: { item },
      ticket_create: { turn, title: 'Buy a disk', labels: ['ops'] },
      ticket_list: { open: true },
      ticket_show: { key: 'MC-2' },
      ticket_comment: { turn, key: 'mc-2', body: 'Ordered.' },
      ticket_move: { turn, key: 'MC-2', status: 'doing' },
      ticket_link: { turn, key: 'MC-2', blockedBy: 'MC-1' },
      ticket_delegate: { turn, key: 'MC-2', folder: '.', review: true },
      propose: {
        turn,
        title: 'A larger disk',
        steps: [
          { do: 'file', name: 'buy', title: 'Buy it', risk: 'low', does: 'person' },
          { do: 'file', name: 'copy', title: 'Copy', after: ['buy'], risk: 'low', does: 'worker' },
          { do: 'close', name: 'old', ticket: 'MC-2', status: 'cancelled' },
        ],
        parent: 'new',
      },
      proposal_list: { turn },
      proposal_show: {},
      proposal_withdraw: { turn, why: 'no money' },
      ask: { turn, text: 'Which disk?', options: ['4 TB', '8 TB'], expiresIn: '2h' },
      question_list: { state: 'open' },
      question_withdraw: { turn, question: 1 },
      task_list: {},
      task_run: { turn, task: 'nas.backup' },
      task_pause: { turn, task: 'nas.backup', reason: 'the NAS moves', until: '2h' },
      notify: { turn, title: 'The disk is full', item },
      status: {},
    }
    const told: Record<string, Record<string, unknown>> = {
      turn_show: { id: turn, text: 'x', origin: 'user' },
      inbox_list: { items: [{ id: item, message: 'disk is full' }], next: null },
      inbox_show: { id: item, message: 'disk is full' },
      ticket_create: { key: 'MC-2', source: 'luci' },
      ticket_list: { items: [{ key: 'MC-2', title: 'Buy a disk', labels: ['ops'] }] },
      ticket_show: { key: 'MC-2', events: [{ kind: 'created' }] },
      ticket_comment: { kind: 'commented', body: 'Ordered.', actor: 'luci' },
      ticket_move: { key: 'MC-2', status: 'doing' },
      ticket_link: { items: [{ key: 'MC-1', title: 'Wait' }] },
      ticket_delegate: { proposal: { state: 'open' }, note: /nothing is done until they say so/ },
      propose: { outcome: 'waits', proposal: { state: 'open' }, note: /^Proposed to the person/ },
      proposal_list: { items: [{ title: 'A larger disk', state: 'open' }] },
      proposal_show: { content: { steps: [{ name: 'buy' }, { name: 'copy' }, { name: 'old' }] } },
      proposal_withdraw: { title: 'A larger disk', state: 'withdrawn', reason: 'no money' },
      ask: { id: 1, turnId: turn, state: 'open', options: ['4 TB', '8 TB'] },
      question_list: { items: [{ id: 1, text: 'Which disk?' }] },
      question_withdraw: { id: 1, state: 'withdrawn', answeredBy: 'luci' },
      task_list: { items: [{ id: 'nas.backup', paused: null }] },
      task_run: { id: 'nas.backup', runRequested: { by: 'luci' } },
      task_pause: { id: 'nas.backup', paused: { reason: 'the NAS moves', by: 'luci' } },
      notify: { title: 'The disk is full', kind: 'note', itemId: item },
      status: { inbox: { pending: 1 }, tickets: { open: 2 } },
    }
    t.same(tools.map(({ name }) => name).sort(), [...Object.keys(args), 'inbox_resolve'].sort())
    await createTickets(running.db, running.clock).file({ title: 'Wait' }, { actor: 'person' })
    for (const [name, given] of Object.entries(args)) {
      const answer = await call(name, given)
      const { proposal } = answer.said as { proposal?: { id: string } }
      if (name === 'propose')
        for (const later of [args.proposal_show, args.proposal_withdraw])
          Object.assign(later ?? {}, { proposal: proposal?.id })
      t.match(answer, { isError: false, same: true, said: told[name] }, name)
    }
  })

t.test('a digest is triaged by its turn, verdict by verdict', async (t) => {
  const running = await startApp(t)
  const { turn, items, digestId } = await digestInFlight(running, ['one', 'two'])
  const { id: foreign } = await post(running, 'not in it')
  const { call } = await attach(t, running)
  const shown = await call('turn_show', { turn })
  t.match(shown.said, { text: /<<<[0-9a-f]{12}\n\[\{"item":/ }, 'data stays in its envelope')
  const compact = await call('turn_show', { turn, form: 'compact' })
  t.match(compact.said, { id: turn, columns: ['item'], rows: Object, text: undefined })
  const answer = await call('inbox_resolve', {
    turn,
    verdicts: [
      { item: items[0], action: 'silent', reason: 'passing' },
      { item: items[1], action: 'alert+ticket', reason: 'needs a person' },
      { item: foreign, action: 'silent', reason: 'not mine' },
    ],
  })
  t.match(answer, {
    isError: false,
    said: {
      items: [
        { item: items[0], status: 'recorded', action: 'silent' },
        { item: items[1], status: 'recorded', action: 'alert+ticket' },
        { item: foreign, status: 'refused', reason: /not in the digest/ },
      ],
    },
  })
  t.match(await createDigests(running.db, running.clock).verdicts(digestId), [
    { item: items[0], action: 'silent', decidedBy: 'luci' },
    { item: items[1], action: 'alert+ticket', decidedBy: 'luci', reason: 'needs a person' },
  ])
})

t.test('verdicts under a wrong turn are refused, and nothing is written', async (t) => {
  const running = await startApp(t)
  const mine = await digestInFlight(running, ['one'])
  const person = await turnInFlight(running, 'user')
  const pane = await turnInFlight(running, 'pane')
  const { call } = await attach(t, running)
  const resolve = (turn?: string) =>
    call('inbox_resolve', {
      ...(turn ? { turn } : {}),
      verdicts: [{ item: mine.items[0], action: 'silent', reason: 'x' }],
    })
  t.match(await resolve(person), {
    isError: true,
    said: { items: [{ status: 'refused', reason: /not in the digest of turn/ }] },
  })
  for (const [turn, message] of [
    [undefined, /Expected the turn/],
    ['ffffff', 'There is no turn ffffff'],
    ['[mc 7f3a9c]', /one word/],
    [pane, /origin pane/],
  ] as const)
    t.match(await resolve(turn), { isError: true, said: { error: { message } } }, String(message))
  await running.luci.finish(mine.turn)
  t.match(await resolve(mine.turn), {
    isError: true,
    said: { error: { code: 'forbidden', message: /is answered/, hint: String } },
  })
  t.same(await createDigests(running.db, running.clock).verdicts(mine.digestId), [])
})

t.test('a digest turn files for its own items and does nothing else', async (t) => {
  const running = await startApp(t)
  const { turn, items } = await digestInFlight(running, ['one'])
  const { id: foreign } = await post(running, 'not in it')
  const { call } = await attach(t, running)
  t.match(await call('ticket_create', { turn, title: 'x', item: items[0] }), { isError: false })
  for (const [name, args] of [
    ['ticket_create', { title: 'x', item: foreign }],
    ['ticket_create', { title: 'x' }],
    ['ticket_comment', { key: 'MC-1', body: 'x' }],
  ] as const) {
    const answer = await call(name, { turn, ...args })
    t.match(answer, { isError: true, said: { error: { code: 'forbidden' } } }, name)
  }
})

t.test('a person’s turn gives its rights while it is in flight, and no longer', async (t) => {
  const running = await startApp(t)
  const turn = await turnInFlight(running, 'user')
  const { call } = await attach(t, running)
  t.match(await call('ticket_create', { turn, title: 'x' }), { isError: false })
  await running.luci.finish(turn)
  const late = await call('ticket_create', { turn, title: 'x' })
  t.match(late, { isError: true, said: { error: { code: 'forbidden', message: /is answered/ } } })
  t.match(await call('turn_show', { turn }), { isError: false }, 'but it may still be read')
})

t.test('the header names the turn for a client that has but one', async (t) => {
  const running = await startApp(t)
  const turn = await turnInFlight(running, 'user')
  const { call } = await attach(t, running, { headers: { 'mc-turn': turn } })
  t.match(await call('ticket_create', { title: 'x' }), { isError: false })
  t.match(await call('turn_show'), { isError: false, said: { id: turn } })
  const other = await call('ticket_create', { title: 'x', turn: 'ffffff' })
  t.match(other, { isError: true, said: { error: { message: 'There is no turn ffffff' } } })
})

t.test('what cannot be understood is told by name, never by a stack', async (t) => {
  const running = await startApp(t)
  const turn = await turnInFlight(running, 'user')
  const { call, client } = await attach(t, running)
  const attempts: [string, Record<string, unknown>, string, string | RegExp][] = [
    ['ticket_create', { turn }, 'invalid', 'title is missing'],
    ['ticket_create', { turn, title: 5 }, 'invalid', 'title must be string'],
    ['ticket_create', { turn, title: 'x', colour: 'red' }, 'invalid', /takes no "colour"/],
    [
      'inbox_list',
      { status: 'lost' },
      'invalid',
      /^status: expected one of pending, claimed, .*, got "lost"$/,
    ],
    ['inbox_resolve', { turn, verdicts: [] }, 'invalid', /^verdicts/],
    ['inbox_resolve', { turn, verdicts: 'all' }, 'invalid', /verdicts must be array/],
    ['inbox_show', { item: 99 }, 'not_found', 'There is no item 99'],
    ['inbox_show', {}, 'invalid', 'Expected "item", got none'],
    ['ticket_show', { key: 'MC-99' }, 'not_found', 'There is no ticket MC-99'],
    ['ticket_show', { key: '../inbox' }, 'invalid', /one word/],
    ['ticket_show', { key: '..' }, 'invalid', /one word/],
    ['turn_show', { turn: '' }, 'invalid', /one word/],
  ]
  for (const [name, args, code, message] of attempts) {
    const answer = await call(name, args)
    t.match(answer, { isError: true, same: true, said: { error: { code, message } } }, name)
    t.notMatch(JSON.stringify(answer), /node_modules|\.ts:/)
  }
  t.match(await call('inbox_list', { status: null }), { isError: false }, 'null is left out')
  await t.rejects(client.callTool({ name: 'luci_stop', arguments: {} }), /luci_stop/)
})

t.test('a list fits a model’s window, and one by one it is whole', async (t) => {
  const running = await startApp(t)
  const long = 'é'.repeat(10_000)
  const { id: item } = await post(running, long)
  await createTickets(running.db, running.clock).file({ title: 'x', body: long }, { actor: 'luci' })
  const { call } = await attach(t, running)
  for (const name of ['inbox_list', 'ticket_list'])
    t.ok(JSON.stringify((await call(name)).said).length < 1_000, name)
  t.match((await call('inbox_show', { item })).said, { message: long })
  t.match((await call('ticket_show', { key: 'MC-1' })).said, { body: long })
})

const post = ({ db, clock }: RunningApp, message: string) =>
  createInbox(db, clock).post({ source: 'test', message })

const turnInFlight = async ({ db, clock }: RunningApp, origin: TurnOrigin): Promise<string> => {
  const turns = createTurns(db, clock)
  const turn = await turns.queue({ text: 'x', origin })
  await turns.move(turn.id, ['queued'], 'typed')
  return turn.id
}

/** A digest as pickup sends it, typed to Luci. */
const digestInFlight = async (running: RunningApp, messages: string[]) => {
  const { db, clock } = running
  const inbox = createInbox(db, clock)
  for (const message of messages) await post(running, message)
  const digests = createDigests(db, clock)
  await digests.join(await inbox.claim({ countMax: 10, by: 'test' }), {
    groupWaitMs: 0,
    groupIntervalMs: 0,
  })
  const open = await digests.open()
  const sealed = open ? await digests.seal(open.id, 300_000) : null
  if (!sealed) throw new Error('The digest was not sealed')
  await createTurns(db, clock).move(sealed.turn.id, ['queued'], 'typed')
  const items = sealed.items.map(({ id }) => id)
  return { turn: sealed.turn.id, digestId: sealed.digest.id, items }
}
