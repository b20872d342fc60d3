import { composeDigest } from '@mc/core/digest/digest.ts'
import { AppError } from '@mc/core/errors.ts'
import { toItem } from '@mc/core/inbox/item.ts'
import { respond } from '@mc/core/luci/house/respond.ts'
import t from 'tap'

const status = {
  luci: { found: [] as { profile: string; command: string }[] },
  workers: [
    { name: 'api', state: 'alive' },
    { name: 'scheduler', state: 'alive' },
    { name: 'pickup', state: 'stale' },
  ],
  inbox: { pending: 2, claimed: 1, handledToday: 5, silencedToday: 40 },
  tickets: { open: 3, byStatus: { todo: 2, review: 1 } },
  alerts: { open: 1, undelivered: 1 },
  tasks: {
    total: 4,
    failing: ['backup'],
    paused: 0,
    next: { id: 'disk', at: '2026-03-02T11:00:00.000Z' },
  },
  telegram: { configured: false },
}
const ticket = (id: number, title: string, more = {}) => ({
  ...{ id, key: `MC-${id}`, title, body: '', status: 'todo', resolution: null, priority: 'normal' },
  ...{ labels: [], source: 'luci', occurrences: 1, ...more },
})

/** An api of fixed answers that writes down what is posted. */
const api = (answers: Record<string, unknown>) => {
  const posted: { path: string; body: unknown }[] = []
  return {
    posted,
    get: async <T>(path: string, query: Record<string, unknown> = {}) => {
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`)
      const full = [path.replace('/api/v1', ''), ...pairs].join(' ')
      const answer = answers[full] ?? answers[path.replace('/api/v1', '')]
      if (answer === undefined) throw new AppError('not_found', `There is no ${full}`)
      return answer as T
    },
    post: async <T>(path: string, body?: unknown) => {
      posted.push({ path, body })
      if (path.endsWith('/proposals'))
        return { proposal: { id: 'abcdef', state: 'open', content: body }, note: 'Proposed.' } as T
      const { title = '' } = body as { title?: string }
      return ticket(posted.length, title) as T
    },
  }
}
const list = (...items: unknown[]) => ({ items, next: null })

t.test('status says what runs, what is open and what comes', async (t) => {
  const reply = await respond('status', api({ '/status': status }), { proposal: null })
  t.match(reply, 'Not running: pickup (stale).')
  t.match(reply, '**Tickets**: 3 open (1 review, 2 todo)')
  t.match(reply, '**Tasks**: 4, failing: backup; next is disk at 2026-03-02 11:00 UTC')
  t.match(reply, '1 undelivered (Telegram is not set up)')
})

t.test('what needs a person is what Home says; the rest is to look at', async (t) => {
  const answers = {
    '/status': status,
    '/alerts': list(),
    '/alerts state=sent': list({ id: 7, title: 'Token refused', occurrences: 2 }),
    '/alerts state=expired': list({ id: 9, title: 'Never delivered', occurrences: 1 }),
    '/tasks': list(
      { id: 'backup', consecutiveFailures: 1 },
      { id: 'disk', consecutiveFailures: 0 },
      { id: 'mail', consecutiveFailures: 3 },
    ),
    '/tickets status=review': list(ticket(4, 'Look at this')),
    '/tickets status=blocked': list(),
  }
  t.equal(
    await respond('what needs me?', api(answers), { proposal: null }),
    [
      ...['2 things need you:', ''],
      ...['- **Alert**: Never delivered', '- **Alert**: Token refused (2 times)', ''],
      ...['3 more to look at:', '', '- **MC-4** waits for your review: Look at this'],
      ...['- **backup** failed', '- **mail** keeps failing (3 times in a row)'],
    ].join('\n'),
  )
  const calm = { ...answers, '/alerts state=sent': list(), '/alerts state=expired': list() }
  t.equal(
    await respond('what needs me?', api({ ...calm, '/tasks': list() }), { proposal: null }),
    'Nothing needs you now.\n\n1 to look at:\n\n- **MC-4** waits for your review: Look at this',
  )
  const well = { ...calm, '/tasks': list(), '/tickets status=review': list() }
  t.match(
    await respond('what needs me?', api(well), { proposal: null }),
    /^Nothing needs you now: no/,
  )
})

t.test('bullets become a proposal, which only the person accepts', async (t) => {
  const desk = api({})
  const memory = { proposal: null }
  t.match(await respond('file them', desk, memory), /proposed nothing/)
  const reply = await respond('Move:\n1. pack\n2. drive', desk, memory)
  t.match(reply, /^I propose 2 tickets, one after the other: \[Move\]\(\/proposals\/abcdef\)/)
  t.notMatch(reply, /pack/, 'the steps stand on its card')
  t.same(desk.posted, [
    {
      path: '/api/v1/proposals',
      body: {
        title: 'Move',
        steps: [
          { do: 'file', name: '1', title: 'pack', risk: 'low', does: 'person' },
          { do: 'file', name: '2', title: 'drive', after: ['1'], risk: 'low', does: 'person' },
        ],
      },
    },
  ])
  t.match(await respond('file 1 and 3', desk, memory), /yours alone[\s\S]*\/proposals\/abcdef/)
  t.equal(desk.posted.length, 1)
})

t.test('changes asked of it are the person’s own edits, or none', async (t) => {
  const edited = { title: 'Move', steps: [{ do: 'file', name: '1', title: 'pack' }] }
  const asked = 'Changes are asked for in your proposal 0a1b2c, “Move”.\n- one\n- two'
  const desk = api({ '/proposals/0a1b2c': { askedContent: edited, asked: 'be quick' } })
  const reply = await respond(asked, desk, { proposal: null })
  t.match(reply, /taken over[\s\S]*\/proposals\/abcdef[\s\S]*I cannot work in[\s\S]*no model/)
  t.match(desk.posted, [{ path: '/api/v1/proposals', body: { ...edited, replaces: '0a1b2c' } }])
  const bare = api({ '/proposals/0a1b2c': { askedContent: null, asked: 'be quick' } })
  t.match(await respond(asked, bare, { proposal: null }), /no model[\s\S]*can still be decided/)
  t.same(bare.posted, [])
})

t.test('a reminder is a ticket with that label', async (t) => {
  const desk = api({})
  await respond('remind me to water the plants', desk, { proposal: null })
  t.same(desk.posted, [
    { path: '/api/v1/tickets', body: { title: 'Water the plants', labels: ['reminder'] } },
  ])
})

t.test('what the api refuses is said, with what to do', async (t) => {
  t.equal(
    await respond('show MC-9', api({}), { proposal: null }),
    'I could not do that: There is no /tickets/MC-9/events',
  )
})

t.test('a message pulled by its turn is answered as if it had been typed', async (t) => {
  const desk = api({ '/turns/7f3a9c': { origin: 'user', text: 'file: Long\nbody' } })
  t.equal(
    await respond('run: mc turn show 7f3a9c', desk, { proposal: null }),
    'Filed **MC-1**: Long',
  )
})

t.test('the items of a digest get the verdicts of the fallback table', async (t) => {
  const row = {
    ...{ source_type: 'scheduler', source_id: 'backup', priority: 'normal', status: 'claimed' },
    ...{
      created_at: '2026-03-02 10:00:00',
      processed_at: null,
      claim_expires_at: 'x',
      run_id: null,
    },
    ...{
      claimed_by: null,
      claimed_at: null,
      tries: 0,
      digest_id: 'd1',
      verdict: null,
      decided_by: null,
      reason: null,
    },
  }
  const item = (id: number, kind: string, failures: number, fingerprint: string) =>
    toItem({
      ...row,
      id,
      kind,
      fingerprint,
      message: 'backup failed',
      detail: JSON.stringify({
        task: 'backup',
        consecutiveFailures: failures,
        sameFingerprint: failures,
      }),
    })
  const { text } = composeDigest(
    { id: 'd1', nonce: 'abcdef' },
    [item(1, 'failed', 1, 'a'), item(2, 'failed', 3, 'b')],
    () => ({ today: 1, ticket: null, told: false }),
  )
  const desk = api({ '/turns/7f3a9c': { origin: 'digest', text } })
  const reply = await respond('run: mc turn show 7f3a9c', desk, { proposal: null })
  t.match(desk.posted, [
    {
      path: '/api/v1/inbox/resolve',
      body: {
        verdicts: [
          { item: 1, action: 'alert', reason: String },
          { item: 2, action: 'ticket', reason: String },
        ],
      },
    },
  ])
  t.match(reply, /^Decided 2 items by the fallback table/)
})

t.test('a digest that cannot be read is left to the rules', async (t) => {
  const desk = api({ '/turns/7f3a9c': { origin: 'digest', text: 'file: not an order' } })
  t.match(await respond('run: mc turn show 7f3a9c', desk, { proposal: null }), /the rules decide/)
  t.same(desk.posted, [])
})

t.test('it says that it is no model where that matters, and how to attach one', async (t) => {
  t.match(await respond('help', api({}), { proposal: null }), /no model/)
  t.match(await respond('write a poem', api({}), { proposal: null }), /no model/)
  t.notMatch(await respond('hello', api({}), { proposal: null }), /model/)
})

t.test(
  'how to attach an agent is said for those that are there, and none is started unasked',
  async (t) => {
    const ask = (found: { profile: string; command: string }[]) =>
      respond('attach an agent', api({ '/status': { ...status, luci: { found } } }), {
        proposal: null,
      })
    const none = await ask([])
    t.match(none, /MC_LUCI_PROFILE=generic/)
    t.match(none, /MC_LUCI_COMMAND=/)
    t.match(none, /found none of them[\s\S]*MC_WORKER_COMMAND="claude -p"/)
    t.notMatch(none, /mc luci switch/)
    const two = await ask([
      { profile: 'claude', command: '/bin/claude' },
      { profile: 'codex', command: '/bin/codex' },
    ])
    t.match(two, /found claude and codex\..*mc luci switch claude/)
    t.match(two, /MC_WORKER_COMMAND="claude -p"[\s\S]*MC_WORKER_COMMAND="codex exec"/)
    for (const reply of [none, two]) t.match(reply, /Nothing is started unasked/)
  },
)
