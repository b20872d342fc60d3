import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { readDigest } from '@mc/core/digest/digest.ts'
import { createDigests } from '@mc/core/digest/digests.ts'
import type { NewVerdict } from '@mc/core/digest/verdicts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { NewItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { TurnState } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { nextStep, performVerdicts } from '@mc/pickup/follow-up.ts'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'

const note = (message: string, over: Partial<NewItem> = {}): NewItem => ({
  source: 'cron',
  message,
  ...over,
})

/** A desk with Luci at hand; `turn` is what she has been asked. */
const setUp = async (db: Database) => {
  const desk = createTestDesk(db)
  const turns = createTurns(db, desk.clock)
  const digests = createDigests(db, desk.clock)
  await desk.luciIsUp()
  const pass = async (ms: number) => {
    await desk.clock.advance(ms)
    await desk.luciIsUp()
    await desk.drain()
  }
  const open = async () => {
    const rows = await db.kysely.selectFrom('turns').select('id').orderBy('seq', 'desc').execute()
    return turns.get(rows[0]?.id ?? '')
  }
  return {
    desk,
    pass,
    turns,
    digests,
    inbox: createInbox(db, desk.clock),
    tickets: createTickets(db, desk.clock),
    alerts: createAlerts(db, desk.clock, desk.triage),
    allTurns: () => db.kysely.selectFrom('turns').selectAll().orderBy('seq').execute(),
    /** Luci gets the last turn that was queued. */
    receive: async (profile = 'claude') => {
      const turn = await open()
      await turns.move(turn.id, ['queued'], 'typed', { profile })
      return turn
    },
    end: (id: string, state: TurnState) =>
      turns.move(id, ['queued', 'typed'], state, { evidence: { ended: 'test' } }),
    say: (turnId: string, ...verdicts: NewVerdict[]) =>
      digests.recordVerdicts({ by: 'luci', turnId, verdicts }),
  }
}

onEachDatabase(
  'what no rule knows waits for company, then goes to Luci as one turn',
  async (t, db) => {
    const { desk, inbox, pass, allTurns, digests } = await setUp(db)
    await inbox.post(note('one'))
    await desk.drain()
    await pass(20_000)
    await inbox.post(note('two'))
    await desk.drain()
    t.same(await allTurns(), [])
    await pass(10_000)
    const [turn] = await allTurns()
    t.match(turn, { origin: 'digest', state: 'queued' })
    t.same(
      readDigest(turn?.text ?? '').map((entry) => entry.cause),
      ['one', 'two'],
    )
    t.match(await digests.list(), [{ state: 'sealed', turnId: turn?.id, text: turn?.text }])
  },
)

onEachDatabase('digests are an interval apart, but what is critical goes now', async (t, db) => {
  const { desk, inbox, pass, allTurns } = await setUp(db)
  await inbox.post(note('one'))
  await desk.drain()
  await pass(30_000)
  t.equal((await allTurns()).length, 1)
  await inbox.post(note('two'))
  await desk.drain()
  await pass(60_000)
  t.equal((await allTurns()).length, 1)
  await inbox.post(note('fire', { priority: 'critical' }))
  await desk.drain()
  const all = await allTurns()
  t.equal(all.length, 2)
  t.same(
    readDigest(all[1]?.text ?? '').map((entry) => entry.cause),
    ['fire', 'two'],
  )
})

onEachDatabase('waiting for company and for Luci is no try', async (t, db) => {
  const { desk, inbox, pass } = await setUp(db)
  desk.triage.groupWaitMs = 600_000
  const { id } = await inbox.post(note('one'))
  await desk.drain()
  for (let n = 0; n < 24; n++) await pass(30_000)
  t.match(await inbox.find(id), { status: 'claimed', tries: 0 })
})

onEachDatabase('her verdicts are recorded, then performed with her reason', async (t, db) => {
  const { desk, inbox, pass, receive, say, tickets, alerts, digests, end } = await setUp(db)
  const ids: number[] = []
  for (const message of ['quiet', 'work', 'shout', 'all of it'])
    ids.push((await inbox.post(note(message))).id)
  await desk.drain()
  await pass(30_000)
  const turn = await receive()
  const [quiet = 0, work = 0, shout = 0, all = 0] = ids
  const results = await say(
    turn.id,
    { item: quiet, action: 'silent', reason: 'routine' },
    { item: work, action: 'ticket', reason: 'can wait' },
    { item: shout, action: 'alert', reason: 'act now' },
    { item: all, action: 'alert+ticket', reason: 'act now and later' },
  )
  t.same(
    results.map((result) => result.status),
    Array(4).fill('recorded'),
  )
  t.match(await inbox.find(shout), { status: 'claimed' }, 'only recorded')
  t.same(await alerts.list(), [])
  await end(turn.id, 'answered')
  await desk.drain()
  t.match(await inbox.find(quiet), { status: 'ignored', decidedBy: 'luci', reason: 'routine' })
  t.match(await inbox.find(work), { status: 'processed', verdict: 'ticket', reason: 'can wait' })
  t.match(await inbox.find(all), { verdict: 'alert+ticket' })
  t.same((await tickets.list()).map((ticket) => ticket.title).sort(), ['all of it', 'work'])
  t.same((await alerts.list()).map((alert) => alert.title).sort(), ['all of it', 'shout'])
  t.match(await digests.list(), [{ state: 'settled' }])
})

for (const [profile, decidedBy, reason] of [
  ['house', 'fallback', 'House responder: Failed for the first time'],
  ['claude', 'luci', 'Failed for the first time'],
] as const)
  onEachDatabase(`what ${profile} decides is said to be by ${decidedBy}`, async (t, db) => {
    const { desk, inbox, pass, receive, say, end, tickets, digests } = await setUp(db)
    const { id } = await inbox.post(note('odd'))
    await desk.drain()
    await pass(30_000)
    const turn = await receive(profile)
    t.match(
      await say(turn.id, { item: id, action: 'ticket', reason: 'Failed for the first time' }),
      [{ status: 'recorded', action: 'ticket' }],
    )
    t.match(await digests.verdicts(turn.digestId ?? ''), [{ decidedBy, reason }])
    await end(turn.id, 'answered')
    await desk.drain()
    t.match(await inbox.find(id), { status: 'processed', decidedBy, reason })
    const [ticket] = await tickets.list()
    const [filed] = await tickets.events(ticket?.id ?? 0)
    t.equal(filed?.actor, profile === 'house' ? 'pickup' : 'luci')
    t.match(await digests.list(), [{ state: 'settled' }])
  })

onEachDatabase('a verdict on one stands for all that are alike', async (t, db) => {
  const { desk, inbox, pass, receive, say, tickets } = await setUp(db)
  const ids: number[] = []
  for (let n = 1; n <= 9; n++) ids.push((await inbox.post(note(`disk ${n} % full`))).id)
  await desk.drain()
  await pass(30_000)
  const turn = await receive()
  const [entry] = readDigest(turn.text)
  t.match(entry, { count: 9, item: ids.at(-1) })
  await say(turn.id, { item: entry?.item ?? 0, action: 'ticket', reason: 'disk' })
  await desk.drain()
  for (const id of ids) t.match(await inbox.find(id), { verdict: 'ticket', decidedBy: 'luci' })
  t.match(await tickets.list(), [{ occurrences: 9 }])
})

onEachDatabase('she speaks only for the digest of a turn in flight', async (t, db) => {
  const { desk, inbox, pass, receive, say, turns, end } = await setUp(db)
  const mine = await inbox.post(note('mine'))
  await desk.drain()
  await pass(30_000)
  const other = await inbox.post(note('other'))
  const turn = await receive()
  const verdict = (item: number) => ({ item, action: 'silent', reason: 'r' }) as const
  t.match(await say(turn.id, verdict(other.id)), [
    { status: 'refused', reason: /not in the digest/ },
  ])
  t.match(await say(turn.id, verdict(999)), [{ status: 'refused', reason: /no item/ }])
  t.match(await say('ffffff', verdict(mine.id)), [{ status: 'refused', reason: /no such turn/ }])
  const chat = await turns.queue({ text: 'hello', origin: 'user' })
  await turns.move(chat.id, ['queued'], 'typed')
  t.match(await say(chat.id, verdict(mine.id)), [{ status: 'refused' }])
  await end(turn.id, 'answered')
  t.match(await say(turn.id, verdict(mine.id)), [{ status: 'refused', reason: /not in flight/ }])
})

onEachDatabase('nobody goes below the floor of what is critical', async (t, db) => {
  const { desk, inbox, receive, say, digests } = await setUp(db)
  const { id } = await inbox.post(note('fire', { priority: 'critical' }))
  await desk.drain()
  const turn = await receive()
  for (const action of ['silent', 'ticket'] as const)
    t.match(await say(turn.id, { item: id, action, reason: 'r' }), [
      { status: 'refused', reason: /at least alert/ },
    ])
  t.match(
    await digests.recordVerdicts({
      by: 'person',
      verdicts: [{ item: id, action: 'silent', reason: 'r' }],
    }),
    [{ status: 'refused' }],
  )
  t.match(await say(turn.id, { item: id, action: 'alert+ticket', reason: 'r' }), [
    { status: 'recorded' },
  ])
})

onEachDatabase('what she leaves out gets one reminder, then the fallback', async (t, db) => {
  const { desk, inbox, receive, say, end, allTurns, tickets } = await setUp(db)
  const said = await inbox.post(note('said'))
  const left = await inbox.post(note('left out', { priority: 'critical' }))
  await desk.drain()
  const first = await receive()
  await say(first.id, { item: said.id, action: 'silent', reason: 'r' })
  await end(first.id, 'answered')
  await desk.drain()
  const reminder = await receive()
  t.not(reminder.id, first.id)
  t.match(reminder, { digestId: first.digestId, text: /reminder/ })
  t.same(
    readDigest(reminder.text).map((entry) => entry.item),
    [left.id],
  )
  await end(reminder.id, 'answered')
  await desk.drain()
  t.equal((await allTurns()).length, 2)
  t.match(await inbox.find(left.id), {
    decidedBy: 'fallback',
    verdict: 'alert+ticket',
    reason: /reminded/,
  })
  t.match(await inbox.find(said.id), { decidedBy: 'luci' })
  t.equal((await tickets.list()).length, 1)
})

onEachDatabase(
  'a digest whose turn was lost goes once more, then the fallback decides',
  async (t, db) => {
    const { desk, inbox, receive, end, allTurns } = await setUp(db)
    const { id } = await inbox.post(note('fire', { priority: 'critical' }))
    await desk.drain()
    const first = await receive()
    await end(first.id, 'lost')
    await desk.drain()
    const second = await receive()
    t.match(second, { digestId: first.digestId, text: first.text })
    await end(second.id, 'failed')
    await desk.drain()
    t.equal((await allTurns()).length, 2)
    t.match(await inbox.find(id), { decidedBy: 'fallback', reason: /failed again/ })
  },
)

onEachDatabase(
  'past the deadline the fallback decides and the queued turn is called off',
  async (t, db) => {
    const { desk, inbox, pass, allTurns, digests } = await setUp(db)
    const { id } = await inbox.post(note('fire', { priority: 'critical' }))
    await desk.drain()
    await pass(299_000)
    t.match(await inbox.find(id), { status: 'claimed' })
    await pass(2_000)
    t.match(await inbox.find(id), { decidedBy: 'fallback', reason: /too busy/, tries: 0 })
    t.match(await allTurns(), [{ state: 'interrupted', problem: /fallback/ }])
    t.match(await digests.list(), [{ state: 'settled' }])
  },
)

onEachDatabase(
  'a late verdict adds to what the fallback did, and takes nothing back',
  async (t, db) => {
    const { desk, inbox, pass, receive, say, alerts, tickets } = await setUp(db)
    const quiet = await inbox.post(note('more than it seems'))
    const loud = await inbox.post({ ...note('first failure'), kind: 'failed' })
    await desk.drain()
    await pass(30_000)
    const turn = await receive()
    await pass(301_000)
    t.match(await inbox.find(quiet.id), { verdict: 'ticket', decidedBy: 'fallback' })
    const [lower] = await say(turn.id, { item: loud.id, action: 'silent', reason: 'r' })
    t.match(lower, { status: 'refused', reason: /settled as alert/ })
    const [raised] = await say(turn.id, { item: quiet.id, action: 'alert', reason: 'urgent' })
    t.match(raised, { status: 'recorded', action: 'alert+ticket' })
    await desk.drain()
    await desk.drain()
    t.match(await inbox.find(quiet.id), {
      status: 'processed',
      verdict: 'alert+ticket',
      decidedBy: 'luci',
      reason: 'urgent',
    })
    t.equal((await tickets.list()).length, 1)
    t.equal((await alerts.list()).length, 2)
  },
)

onEachDatabase('when Luci goes away, what had gathered is decided without her', async (t, db) => {
  const { desk, inbox } = await setUp(db)
  const { id } = await inbox.post(note('one'))
  await desk.drain()
  t.match(await inbox.find(id), { status: 'claimed' })
  await desk.clock.advance(25_000)
  await desk.drain()
  t.match(await inbox.find(id), { decidedBy: 'fallback', verdict: 'ticket' })
})

onEachDatabase('a pickup that died while Luci thought is followed by another', async (t, db) => {
  const { desk, inbox, receive, say, allTurns } = await setUp(db)
  const { id } = await inbox.post(note('fire', { priority: 'critical' }))
  await desk.drain()
  const turn = await receive()
  // Nobody is at the desk for an hour; her verdict waits.
  await say(turn.id, { item: id, action: 'alert', reason: 'r' })
  await desk.clock.advance(3_600_000)
  const heir = createTestDesk(db, { workerId: 'heir' })
  heir.clock.set(desk.clock.now())
  await heir.drain()
  t.match(await inbox.find(id), { decidedBy: 'luci', verdict: 'alert', tries: 0 })
  t.equal((await allTurns()).length, 1)
})

onEachDatabase('a person’s verdict wins over Luci’s, and needs no digest', async (t, db) => {
  const { desk, inbox, receive, say, digests, tickets } = await setUp(db)
  const asked = await inbox.post(note('fire', { priority: 'critical' }))
  await desk.drain()
  const turn = await receive()
  const fresh = await inbox.post(note('fresh'))
  await digests.recordVerdicts({
    by: 'person',
    verdicts: [
      { item: asked.id, action: 'alert', reason: 'mine' },
      { item: fresh.id, action: 'silent', reason: 'known' },
    ],
  })
  t.match(await say(turn.id, { item: asked.id, action: 'alert+ticket', reason: 'r' }), [
    { status: 'refused', reason: /person/ },
  ])
  await desk.drain()
  t.match(await inbox.find(asked.id), { decidedBy: 'person', verdict: 'alert' })
  t.match(await inbox.find(fresh.id), { decidedBy: 'person', verdict: 'silent', status: 'ignored' })
  t.same(await tickets.list(), [])
})

onEachDatabase('what a digest has no room for the fallback decides', async (t, db) => {
  const { desk, inbox, pass, digests } = await setUp(db)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (let n = 0; n < 60; n++)
    await inbox.post(
      note(`${letters[n % 26]}${letters[Math.floor(n / 26)]} ${'words '.repeat(30)}`),
    )
  await desk.drain()
  await pass(30_000)
  const [digest] = await digests.list()
  const items = await digests.items(digest?.id ?? '')
  const shown = new Set(readDigest(digest?.text ?? '').map((entry) => entry.item))
  t.ok(shown.size > 5 && shown.size < 60)
  for (const item of items)
    if (!shown.has(item.id)) t.match(item, { decidedBy: 'fallback', reason: /no room/ })
    else t.match(item, { status: 'claimed' })
})

t.test('a turn whose fate is unknown is waited for, never sent again by itself', async (t) => {
  const digest = { verdictDeadline: '2026-03-02T10:05:00.000Z', nudgedAt: null }
  const at = (state: TurnState, now: string) => nextStep(digest, { state }, 1, now).step
  for (const state of ['queued', 'typed', 'answering', 'blocked', 'unknown'] as const) {
    t.equal(at(state, '2026-03-02T10:04:59.999Z'), 'wait')
    t.equal(at(state, '2026-03-02T10:05:00.000Z'), 'fallback')
  }
  t.match(nextStep(digest, null, 1, '2026-03-02T10:00:00.000Z'), { step: 'fallback' })
})

t.test('what a person says while hers is being done is done next', async (t) => {
  const db = await sqliteDatabase(t)
  const { desk, inbox, pass, receive, say, digests, tickets } = await setUp(db)
  const { id: item } = await inbox.post(note('one'))
  await desk.drain()
  await pass(30_000)
  const turn = await receive()
  await say(turn.id, { item, action: 'silent', reason: 'routine' })
  const theirs = { item, action: 'ticket', reason: 'It is not' }
  let said: Promise<unknown> | undefined
  const transaction: typeof db.transaction = async (work) => {
    said ??= digests.recordVerdicts({ by: 'person', verdicts: [theirs] })
    await said
    return db.transaction(work)
  }
  await performVerdicts({ ...desk, db: { ...db, transaction } })
  t.match(await inbox.find(item), { verdict: 'silent', decidedBy: 'luci' })
  await desk.drain()
  t.match(await inbox.find(item), { verdict: 'ticket', decidedBy: 'person' })
  t.equal((await tickets.list()).length, 1)
})
