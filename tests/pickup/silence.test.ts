import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { Priority } from '@mc/core/inbox/item.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'

const MINUTE = 60_000
const words = ['fan', 'pump', 'lamp', 'door', 'gate', 'pipe', 'roof', 'wall', 'tree', 'bell']

/** A desk with Luci at hand, who takes what is typed to her and says nothing. */
const setUp = async (db: Database) => {
  const desk = createTestDesk(db)
  const turns = createTurns(db, desk.clock)
  const inbox = createInbox(db, desk.clock)
  await desk.luciIsUp()
  const pass = async (minutes: number) => {
    await desk.clock.advance(minutes * MINUTE)
    await desk.luciIsUp()
    await desk.drain()
  }
  let count = 0
  const post = async (priority: Priority = 'normal') => {
    const word = words[count++] ?? ''
    const { id } = await inbox.post({ source: 'cron', message: `the ${word} is odd`, priority })
    await desk.drain()
    return id
  }
  const asked = () => turns.next()
  return {
    desk,
    inbox,
    turns,
    pass,
    post,
    asked,
    /** One digest is typed to her and goes by. */
    goesBy: async () => {
      const id = await post()
      await pass(6)
      const turn = await asked()
      if (turn) await turns.move(turn.id, ['queued'], 'typed')
      await pass(6)
      return id
    },
    notices: async () =>
      (await createAlerts(db, desk.clock, desk.triage).list()).filter(
        ({ fingerprint }) => fingerprint === 'luci:silent' || fingerprint.startsWith('recovered:'),
      ),
  }
}

onEachDatabase(
  'after three digests that went by she is not asked, and one notice says so',
  async (t, db) => {
    const { desk, inbox, goesBy, post, notices, asked } = await setUp(db)
    await goesBy()
    await goesBy()
    t.same(await notices(), [])
    t.match(await desk.digests.breaker(), { state: 'closed', silent: 2 })
    await goesBy()
    t.match(await desk.digests.breaker(), { state: 'open', silent: 3 })
    t.match(await notices(), [{ kind: 'self_heal', title: /3 digests/ }])
    const id = await post()
    t.match(await inbox.find(id), {
      decidedBy: 'fallback',
      reason: /let the last 3 digests go by/,
    })
    t.equal(await asked(), null)
    const heir = createTestDesk(db, { workerId: 'heir' })
    heir.clock.set(desk.clock.now())
    t.match(await heir.digests.breaker(), { state: 'open' }, 'a restart does not forget it')
  },
)

onEachDatabase(
  'on trial she gets one digest; what else comes, and what is critical, does not wait',
  async (t, db) => {
    const { desk, inbox, goesBy, pass, post, asked, turns, notices } = await setUp(db)
    for (let n = 0; n < 3; n++) await goesBy()
    await pass(16)
    t.match(await desk.digests.breaker(), { state: 'half_open' })
    const fire = await post('critical')
    t.match(await inbox.find(fire), { decidedBy: 'fallback', verdict: 'alert+ticket' })
    const tried = await post()
    await pass(1)
    const turn = await asked()
    t.match(turn, { origin: 'digest' })
    const other = await post()
    t.match(await inbox.find(other), { decidedBy: 'fallback', reason: /on trial/ })
    await turns.move(turn?.id ?? '', ['queued'], 'typed', { profile: 'claude' })
    await desk.digests.recordVerdicts({
      by: 'luci',
      turnId: turn?.id ?? '',
      verdicts: [{ item: tried, action: 'silent', reason: 'known' }],
    })
    await desk.drain()
    await desk.drain()
    t.match(await inbox.find(tried), { decidedBy: 'luci' })
    t.match(await desk.digests.breaker(), { state: 'closed' })
    t.match(
      await notices(),
      [{ fingerprint: 'luci:silent', state: 'resolved' }],
      'nobody had heard',
    )
  },
)

onEachDatabase('a person who keeps her busy or judges first is no silence', async (t, db) => {
  const { desk, pass, post, asked, turns } = await setUp(db)
  const chat = await turns.queue({ text: 'a long task', origin: 'user' })
  await turns.move(chat.id, ['queued'], 'answering')
  await post()
  await pass(6)
  t.match(await asked(), { origin: 'digest' })
  await pass(6)
  t.match(await desk.digests.list(), [{ state: 'settled' }])
  t.match(await desk.digests.breaker(), { state: 'closed', silent: 0 })
})

onEachDatabase('a person who stops what she reads of a digest is no silence', async (t, db) => {
  const { desk, inbox, turns, pass, post, asked } = await setUp(db)
  const id = await post()
  await pass(6)
  for (let sent = 0; sent < 2; sent += 1) {
    const turn = await asked()
    if (!turn) throw new Error('The digest was not sent')
    await turns.move(turn.id, ['queued'], 'typed')
    await turns.move(turn.id, ['typed'], 'interrupted', { evidence: { interruptedBy: 'person' } })
    await pass(1)
  }
  t.match(await inbox.find(id), { decidedBy: 'fallback' })
  t.match(await desk.digests.breaker(), { state: 'closed', silent: 0 })
})

onEachDatabase('a verdict that comes too late says that she is there', async (t, db) => {
  const { desk, goesBy, pass, notices } = await setUp(db)
  await goesBy()
  await goesBy()
  const id = await goesBy()
  const [last] = await desk.digests.list({ limit: 1 })
  t.match(
    await desk.digests.recordVerdicts({
      by: 'luci',
      turnId: last?.turnId ?? '',
      verdicts: [{ item: id, action: 'alert', reason: 'after all' }],
    }),
    [{ status: 'recorded', action: 'alert+ticket' }],
  )
  t.match(await desk.digests.breaker(), { state: 'closed' })
  await pass(0)
  t.match(await notices(), [{ fingerprint: 'luci:silent', state: 'resolved' }])
})

onEachDatabase('a first verdict counts before its digest has ended', async (t, db) => {
  const { desk, goesBy, post, pass, asked, turns } = await setUp(db)
  await goesBy()
  await goesBy()
  const first = await post()
  await post()
  await pass(6)
  const turn = (await asked())?.id ?? ''
  await turns.move(turn, ['queued'], 'typed', { profile: 'claude' })
  const verdicts = [{ item: first, action: 'silent', reason: 'known' }]
  await desk.digests.recordVerdicts({ by: 'luci', turnId: turn, verdicts })
  t.match(await desk.digests.sealed(), [{ turnId: turn }])
  t.match(await desk.digests.breaker(), { state: 'closed', silent: 0 })
})

onEachDatabase('of a flood, what waits for Luci is counted with it', async (t, db) => {
  const { desk, inbox, asked, pass } = await setUp(db)
  for (let n = 0; n < 12; n++) {
    await inbox.post({ source: 'api', sourceId: 'nas', message: `disk ${n} is full` })
    await desk.drain()
  }
  const tickets = await db.kysely.selectFrom('tickets').select('occurrences').execute()
  t.same(tickets, [{ occurrences: 12 }])
  await pass(6)
  t.equal(await asked(), null, 'nothing is left to ask')
})

onEachDatabase('a restart neither forgets nor hurries what waits for company', async (t, db) => {
  const { desk, inbox, pass, asked, turns } = await setUp(db)
  const { id: low } = await inbox.post({ source: 'cron', message: 'a low hum', priority: 'low' })
  await desk.drain()
  const heir = createTestDesk(db, { workerId: 'heir' })
  heir.clock.set(new Date(desk.clock.now().getTime() + 29_000))
  await heir.luciIsUp()
  await heir.drain()
  t.equal(await asked(), null)
  heir.clock.set(new Date(desk.clock.now().getTime() + 30_000))
  await heir.luciIsUp()
  await heir.drain()
  const turn = await asked()
  t.match(turn?.text, `"item":${low}`, 'a low one waits no longer than the others')
  await turns.move(turn?.id ?? '', ['queued'], 'typed', { profile: 'claude' })
  await desk.digests.recordVerdicts({
    by: 'luci',
    turnId: turn?.id ?? '',
    verdicts: [{ item: low, action: 'silent', reason: 'known' }],
  })
  await turns.move(turn?.id ?? '', ['typed'], 'answered', { evidence: { ended: 'test' } })
  await pass(0.6)
  await inbox.post({ source: 'cron', message: 'the next one' })
  await pass(4)
  t.equal(await asked(), null, 'digests are an interval apart, whoever sent the last')
  await pass(2)
  t.match(await asked(), { origin: 'digest' })
})
