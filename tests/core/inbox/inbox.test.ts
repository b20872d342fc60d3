import { handleAgain } from '@mc/core/inbox/again.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

onEachDatabase(
  'items are claimed critical first, then normal, then low, oldest first',
  async (t, db) => {
    const inbox = createInbox(db, createTestClock())
    for (const [message, priority] of [
      ['a', 'low'],
      ['b', 'normal'],
      ['c', 'critical'],
      ['d', 'normal'],
      ['e', 'critical'],
    ] as const)
      await inbox.post({ source: 'test', message, priority })
    const items = await inbox.claim({ countMax: 4, by: 'pickup-1' })
    t.same(
      items.map((item) => item.message),
      ['c', 'e', 'b', 'd'],
    )
  },
)

onEachDatabase('an item is claimed once', async (t, db) => {
  const inbox = createInbox(db, createTestClock())
  await inbox.post({ source: 'test', message: 'one' })
  const claims = await Promise.all(
    ['a', 'b', 'c', 'd'].map((by) => inbox.claim({ countMax: 10, by })),
  )
  t.equal(claims.flat().length, 1)
})

onEachDatabase('an item whose lease expired comes back, counted as a try', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  await inbox.post({ source: 'test', message: 'one' })
  const [first] = await inbox.claim({ countMax: 1, by: 'dies' })
  await clock.advance(119_000)
  t.same(await inbox.claim({ countMax: 1, by: 'early' }), [])
  await clock.advance(2_000)
  const [second] = await inbox.claim({ countMax: 1, by: 'heir' })
  t.match(second, { message: 'one', tries: 1, claimedBy: 'heir' })
  t.notOk(
    first && (await inbox.settle(first, { action: 'silent', decidedBy: 'rule:x', reason: 'late' })),
  )
  t.ok(
    second && (await inbox.settle(second, { action: 'silent', decidedBy: 'rule:x', reason: 'ok' })),
  )
})

onEachDatabase('a released item is pending again and that is no try', async (t, db) => {
  const inbox = createInbox(db, createTestClock())
  await inbox.post({ source: 'test', message: 'one' })
  const [item] = await inbox.claim({ countMax: 1, by: 'a' })
  t.ok(item && (await inbox.release(item)))
  t.match(await inbox.claim({ countMax: 1, by: 'b' }), [{ tries: 0, claimedBy: 'b' }])
})

onEachDatabase('a settled item says who decided what and why', async (t, db) => {
  const inbox = createInbox(db, createTestClock())
  const { id } = await inbox.post({ source: 'test', message: 'one' })
  const [item] = await inbox.claim({ countMax: 1, by: 'a' })
  const settlement = {
    action: 'silent',
    decidedBy: 'rule:routine',
    reason: 'It went well',
  } as const
  t.ok(item && (await inbox.settle(item, settlement)))
  t.match(await inbox.find(id), {
    status: 'ignored',
    verdict: 'silent',
    decidedBy: 'rule:routine',
    reason: 'It went well',
    lease: null,
  })
})

onEachDatabase(
  'a row of three columns by another program is drained like any other',
  async (t, db) => {
    const inbox = createInbox(db, createTestClock())
    await db.kysely
      .insertInto('orchestrator_inbox')
      .values({ source_type: 'cron', source_id: 'x', message: 'hello' })
      .execute()
    t.match(await inbox.claim({ countMax: 5, by: 'a' }), [
      { source: 'cron', message: 'hello', priority: 'normal', tries: 0 },
    ])
  },
)

onEachDatabase(
  'a row with no status, an unknown one or an unknown priority is drained too',
  async (t, db) => {
    const inbox = createInbox(db, createTestClock())
    await db.kysely
      .insertInto('orchestrator_inbox')
      .values([
        { source_type: 'x', message: 'no status', status: null },
        { source_type: 'x', message: 'odd status', status: 'new' },
        { source_type: 'x', message: 'odd priority', priority: 'URGENT', detail: '{not json' },
      ])
      .execute()
    const items = await inbox.claim({ countMax: 5, by: 'a' })
    t.same(
      items.map((item) => [item.message, item.priority, item.detail]),
      [
        ['no status', 'normal', {}],
        ['odd status', 'normal', {}],
        ['odd priority', 'normal', {}],
      ],
    )
  },
)

onEachDatabase('a low item is not starved for more than an hour', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  await inbox.post({ source: 'test', message: 'patient', priority: 'low' })
  await clock.advance(3_599_000)
  for (let n = 0; n < 8; n++)
    await inbox.post({ source: 'test', message: `urgent ${n}`, priority: 'critical' })
  const early = await inbox.claim({ countMax: 4, by: 'a' })
  t.notOk(early.some((item) => item.message === 'patient'))
  await clock.advance(2_000)
  const late = await inbox.claim({ countMax: 4, by: 'a' })
  t.ok(late.some((item) => item.message === 'patient'))
})

onEachDatabase(
  'posts asked for at once are all there, and a bad one fails alone',
  async (t, db) => {
    const inbox = createInbox(db, createTestClock())
    const posted = await Promise.allSettled([
      ...Array.from({ length: 64 }, (_, n) =>
        inbox.post({ source: 'test', message: `m${n}`, runId: `r${n}` }),
      ),
      inbox.post({ source: 'test', message: 'twice', runId: 'r7' }),
    ])
    t.equal(posted.filter((result) => result.status === 'fulfilled').length, 64)
    t.equal((await inbox.claim({ countMax: 100, by: 'a' })).length, 64)
  },
)

onEachDatabase('a post inside a transaction that fails is not there', async (t, db) => {
  const clock = createTestClock()
  await t.rejects(
    db.transaction(async (tx) => {
      await createInbox(tx, clock).post({ source: 'test', message: 'undone' })
      throw new Error('the run could not be ended')
    }),
  )
  t.same(await createInbox(db, clock).claim({ countMax: 5, by: 'a' }), [])
})

onEachDatabase('a post outside a transaction does not join one that fails', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  let post: Promise<unknown> = Promise.resolve()
  await t.rejects(
    db.transaction(async (tx) => {
      await createInbox(tx, clock).post({ source: 'test', message: 'undone' })
      post = inbox.post({ source: 'test', message: 'kept' })
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      throw new Error('undo')
    }),
  )
  await post
  t.match(await inbox.claim({ countMax: 5, by: 'a' }), [{ message: 'kept' }])
})

onEachDatabase('what was set aside is taken up once, whoever asks at once', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  const { id } = await inbox.post({ source: 'test', message: 'one' })
  for (let round = 0; round < 6; round += 1) {
    const [item] = await inbox.claim({ countMax: 1, by: 'a' })
    if (!item) throw new Error('It is pending again')
    await inbox.settle(item, { action: 'alert', decidedBy: 'rule:set_aside', reason: 'tries' })
    const asked = await Promise.allSettled([handleAgain(db, clock, id), handleAgain(db, clock, id)])
    t.match(asked.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  }
})
